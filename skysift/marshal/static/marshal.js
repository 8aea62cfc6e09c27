// The page works without scripts; these make it quick: keys, no reload between candidates, looks, marks.
import "./keys.js";
import "./swap.js";
import "./looks.js";
import "./marks.js";
