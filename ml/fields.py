"""The seven fields and the data set's own spelling of the values that code has to know."""

from typing import Final

MASTER_CATEGORY: Final = "master_category"
SUB_CATEGORY: Final = "sub_category"
ARTICLE_TYPE: Final = "article_type"

CATEGORY_FIELDS: Final = (MASTER_CATEGORY, SUB_CATEGORY, ARTICLE_TYPE)
"""The levels of the category path, top first: a leaf is one observed (master, sub, article) path."""

PLAIN_FIELDS: Final = ("colour", "season", "gender", "usage")
"""The fields with one flat list of values each."""

FIELDS: Final = CATEGORY_FIELDS + PLAIN_FIELDS

CATEGORY: Final = "category"
"""Name of the label space (and head) over category leaves; the plain fields are their own spaces."""

SUB_CATEGORIES: Final = (
    "Accessories", "Apparel Set", "Bags", "Bath and Body", "Beauty Accessories", "Belts", "Bottomwear",
    "Cufflinks", "Dress", "Eyes", "Eyewear", "Flip Flops", "Fragrance", "Free Gifts", "Gloves", "Hair",
    "Headwear", "Home Furnishing", "Innerwear", "Jewellery", "Lips", "Loungewear and Nightwear", "Makeup",
    "Mufflers", "Nails", "Perfumes", "Sandal", "Saree", "Scarves", "Shoe Accessories", "Shoes", "Skin",
    "Skin Care", "Socks", "Sports Accessories", "Sports Equipment", "Stoles", "Ties", "Topwear",
    "Umbrellas", "Vouchers", "Wallets", "Watches", "Water Bottle", "Wristbands",
)  # fmt: skip
"""Subcategories of the data set: tells them from article types in a file with one `label` column."""
