//! The `dondoc` program.

fn main() {}
