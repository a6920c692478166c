//! The bare runtime in Rust: what start-up is measured above.

fn main() {}
