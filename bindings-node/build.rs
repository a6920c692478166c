//! Link arguments every Node addon needs.

fn main() {
    napi_build::setup();
}
