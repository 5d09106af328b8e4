// The queue of the staff: a listing, and its keys.

import "../review.js";
import "../queue.js";
