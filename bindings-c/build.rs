//! Gives the shared library its soname, so that programs record the ABI they were linked against and not a file name.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libhogwire.so.0");
    }
}
