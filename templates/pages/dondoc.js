// What neither HTML nor htmx can do. Every page works without it.
"use strict";
