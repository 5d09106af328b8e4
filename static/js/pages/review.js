// The review of one listing.

import "../review.js";
import "../review_keys.js";
