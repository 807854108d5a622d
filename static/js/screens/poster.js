/** The poster: nothing but a button to print it. */

import "../parts/print.js";
