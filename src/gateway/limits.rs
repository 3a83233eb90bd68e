//! Limits per socket and per address, so that one client cannot spoil it for the others.

use governor::clock::{Clock, DefaultClock, QuantaInstant};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};
use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Passwords that one address may try a minute.
const SIGN_INS: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");

/// The figures.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Frames a second and socket on average; three times as many at once. 0: no limit.
    pub frames_per_second: u32,
    /// Frames a second and address. Loopback is exempt.
    pub address_frames_per_second: u32,
    /// Sockets an address. Loopback is exempt.
    pub address_sockets: usize,
    /// Customers' sockets in one conversation.
    pub conversation_sockets: usize,
    /// Time for the first frame.
    pub hello: Duration,
    /// A sign of life is asked for this often.
    pub ping_every: Duration,
    /// A socket without any sign of life for this long is dead.
    pub dead_after: Duration,
    /// A client that takes nothing for this long is too slow.
    pub slow_after: Duration,
    /// Wrong frames in a row.
    pub wrong_frames: u32,
}

impl Default for Figures {
    fn default() -> Self {
        Self {
            frames_per_second: 20,
            address_frames_per_second: 200,
            address_sockets: 50,
            conversation_sockets: 20,
            hello: Duration::from_secs(10),
            ping_every: Duration::from_secs(25),
            dead_after: Duration::from_secs(60),
            slow_after: Duration::from_secs(20),
            wrong_frames: 20,
        }
    }
}

/// What all sockets share.
pub struct Limits {
    /// The figures.
    pub figures: Figures,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    sign_ins: DefaultKeyedRateLimiter<IpAddr>,
    sockets: Mutex<HashMap<IpAddr, usize>>,
    /// Made once: making one asks the processor what it is, which is slow in a virtual machine.
    clock: DefaultClock,
}

/// A socket's own share; gives its place at the address back when dropped.
pub(super) struct Share<'a> {
    limits: &'a Limits,
    address: IpAddr,
    frames: Option<DefaultDirectRateLimiter>,
}

impl Limits {
    /// Limits with these figures.
    pub fn new(figures: Figures) -> Self {
        let quota = Quota::per_second(NonZeroU32::new(figures.address_frames_per_second.max(1)).unwrap_or(NonZeroU32::MIN));
        let sign_ins = RateLimiter::keyed(Quota::per_minute(SIGN_INS));
        Self { figures, addresses: RateLimiter::keyed(quota), sign_ins, sockets: Mutex::default(), clock: DefaultClock::default() }
    }

    /// A share for one more socket of that address, or `None` when it has enough.
    pub(super) fn join(&self, address: IpAddr) -> Option<Share<'_>> {
        let mut sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        let count = sockets.entry(address).or_default();
        if *count >= self.figures.address_sockets && !address.is_loopback() {
            return None;
        }
        *count += 1;
        drop(sockets);
        let frames = NonZeroU32::new(self.figures.frames_per_second).map(|rate| {
            let burst = rate.saturating_mul(NonZeroU32::MIN.saturating_add(2));
            RateLimiter::direct_with_clock(Quota::per_second(rate).allow_burst(burst), self.clock.clone())
        });
        Some(Share { limits: self, address, frames })
    }

    /// Whether that address may try another password. Loopback is exempt.
    pub fn may_sign_in(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.sign_ins.check_key(&address).is_ok()
    }

    /// Forgets addresses that have been quiet.
    pub fn forget_quiet(&self) {
        self.sign_ins.retain_recent();
        self.addresses.retain_recent();
    }
}

impl Share<'_> {
    /// Takes one frame from the share; says how long to wait when there is none.
    pub(super) fn take(&self) -> Result<(), Duration> {
        let wait = |until: NotUntil<QuantaInstant>| Err(until.wait_time_from(self.limits.clock.now()));
        if let Some(frames) = &self.frames
            && let Err(until) = frames.check()
        {
            return wait(until);
        }
        if !self.address.is_loopback()
            && let Err(until) = self.limits.addresses.check_key(&self.address)
        {
            return wait(until);
        }
        Ok(())
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut sockets = self.limits.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = sockets.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                sockets.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_told_when_to_come_back() {
        let limits = Limits::new(Figures { frames_per_second: 5, ..Figures::default() });
        let share = limits.join(IpAddr::from([127, 0, 0, 1])).expect("loopback always has a place");
        let refused = (0..100).filter_map(|_| share.take().err()).collect::<Vec<_>>();
        assert!(refused.len() >= 80, "15 at once, then 5 a second");
        assert!(refused.iter().all(|wait| *wait > Duration::ZERO && *wait <= Duration::from_secs(1)));
    }

    #[test]
    fn an_address_has_so_many_sockets_and_gets_them_back() {
        let limits = Limits::new(Figures { address_sockets: 2, ..Figures::default() });
        let address = IpAddr::from([192, 0, 2, 7]);
        let one = limits.join(address);
        let two = limits.join(address);
        assert!(one.is_some() && two.is_some() && limits.join(address).is_none());
        drop(one);
        assert!(limits.join(address).is_some());
        drop(two);
        assert!(limits.sockets.lock().expect("not poisoned").is_empty());
    }
}
