//! The `redress` binary: everything is in the library, see `src/lib.rs`.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    #[cfg(unix)]
    give_memory_back_at_once();
    redress::cli::main()
}

/// The allocator keeps what learning leaves behind for a second and then until it is used again, which a quiet server never does: a quarter of
/// all memory. That it should not can only be said in the environment that a process starts with, so the program starts itself anew, once, with
/// its process id, arguments and files. When that fails it goes on as it is.
#[cfg(unix)]
fn give_memory_back_at_once() {
    use std::os::unix::process::CommandExt;
    const DELAY: &str = "MIMALLOC_PURGE_DELAY";
    let (Ok(program), None) = (std::env::current_exe(), std::env::var_os(DELAY)) else { return };
    let mut arguments = std::env::args_os();
    let mut anew = std::process::Command::new(program);
    if let Some(name) = arguments.next() {
        anew.arg0(name);
    }
    drop(anew.args(arguments).env(DELAY, "0").exec());
}
