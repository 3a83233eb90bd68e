//! What processes use, from `/proc` (Linux): processor time and resident memory. Elsewhere nothing is reported.

use std::fs;

/// Linux counts processor time in hundredths of a second.
const TICKS_PER_S: f64 = 100.0;

/// Processor time so far, and memory now.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Usage {
    pub(super) own_cpu_s: f64,
    pub(super) server_cpu_s: Option<f64>,
    pub(super) server_rss_kib: Option<u64>,
}

impl Usage {
    /// As it stands now, for this process and (when it is known) the server's.
    pub(super) fn now(server: Option<u32>) -> Self {
        Self {
            own_cpu_s: cpu_s("self").unwrap_or_default(),
            server_cpu_s: server.and_then(|pid| cpu_s(&pid.to_string())),
            server_rss_kib: server.and_then(rss_kib),
        }
    }

    /// The time used since `earlier`; memory as it is now.
    pub(super) fn since(&self, earlier: &Usage) -> Self {
        Self {
            own_cpu_s: self.own_cpu_s - earlier.own_cpu_s,
            server_cpu_s: self.server_cpu_s.zip(earlier.server_cpu_s).map(|(now, then)| now - then),
            server_rss_kib: self.server_rss_kib,
        }
    }
}

/// Resident memory of a process in KiB.
pub(super) fn rss_kib(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().strip_suffix("kB")?.trim().parse().ok()
}

fn cpu_s(pid: &str) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in parentheses and may hold spaces.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(ticks as f64 / TICKS_PER_S)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_something() {
        let usage = Usage::now(Some(std::process::id()));
        assert!(usage.server_rss_kib.is_some_and(|kib| kib > 100));
        assert!(usage.server_cpu_s.is_some());
        assert!(Usage::now(None).since(&usage).server_cpu_s.is_none());
    }
}
