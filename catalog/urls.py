"""Addresses of the catalogue."""

from django.urls import path

from catalog.views import listings, photos, shops, vocabulary

app_name = "catalog"

urlpatterns = [
    path("shops/new/", shops.shop_create, name="shop_create"),
    path("shops/<int:pk>/", shops.shop_edit, name="shop_edit"),
    path("shops/<int:pk>/members/", shops.member_list, name="member_list"),
    path("members/<int:pk>/remove/", shops.member_remove, name="member_remove"),
    path("invitations/<int:pk>/withdraw/", shops.invitation_withdraw, name="invitation_withdraw"),
    path("join/<slug:token>/", shops.invitation, name="invitation"),
    path("shops/<int:pk>/listings/", listings.listing_list, name="listing_list"),
    path("shops/<int:pk>/listings.csv", listings.listing_export, name="listing_export"),
    path("listings/<int:pk>/", listings.listing_detail, name="listing_detail"),
    path("listings/<int:pk>/delete/", listings.listing_delete, name="listing_delete"),
    path("listings/<int:pk>/variants/leave/", listings.variants_leave, name="variants_leave"),
    path("vocabulary.json", vocabulary.word_list, name="word_list"),
    path("photos/<int:pk>/card.webp", photos.photo_card, name="photo_card"),
    path("photos/<int:pk>/<slug:kind>.jpg", photos.photo_file, name="photo_file"),
    path("photos/<int:pk>/move/", photos.photo_move, name="photo_move"),
    path("photos/<int:pk>/split/", photos.photo_split, name="photo_split"),
    path("photos/<int:pk>/transfer/", photos.photo_transfer, name="photo_transfer"),
    path("photos/<int:pk>/remove/", photos.photo_remove, name="photo_remove"),
]
