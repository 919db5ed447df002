//! Pictures of the pages for the README; `scripts/screenshots` asks for them.

