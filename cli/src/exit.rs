//! How a run ends, as an exit code. Invariant: the most severe status wins, and success is never a default.

use std::process::ExitCode;

/// How a run, or a part of it, ended; a later variant is more severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitStatus {
    /// All that was selected is proved.
    Proved,
    /// The selection matched nothing: nothing was checked.
    NothingSelected,
    /// Proved, but dearer than the recorded baseline allows.
    Regressed,
    /// Proved, but from premises that contradict each other.
    Vacuous,
    /// Something is neither proved nor refuted, or rests on something that is not proved.
    Undecided,
    /// A counterexample was confirmed.
    Refuted,
    /// The command line, the syntax or the sorts are wrong, so that nothing was tried; or a file that was asked for could
    /// not be written.
    Usage,
    /// The program found a mistake of its own.
    Internal,
}

impl ExitStatus {
    /// All statuses, from the least severe.
    pub const ALL: [Self; 8] = [
        Self::Proved,
        Self::NothingSelected,
        Self::Regressed,
        Self::Vacuous,
        Self::Undecided,
        Self::Refuted,
        Self::Usage,
        Self::Internal,
    ];

    /// The number that the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Self::Proved => 0,
            Self::NothingSelected => 4,
            Self::Regressed => 6,
            Self::Vacuous => 7,
            Self::Undecided => 3,
            Self::Refuted => 1,
            Self::Usage => 2,
            Self::Internal => 70,
        }
    }

    /// The more severe of two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_severe_wins() {
        let by_severity: Vec<u8> = ExitStatus::ALL.iter().rev().map(|status| status.code()).collect();
        assert_eq!(by_severity, [70, 2, 1, 3, 7, 6, 4, 0]);
        for (index, less) in ExitStatus::ALL.iter().enumerate() {
            for more in &ExitStatus::ALL[index..] {
                assert_eq!(less.and(*more), *more);
                assert_eq!(more.and(*less), *more);
            }
        }
    }
}
