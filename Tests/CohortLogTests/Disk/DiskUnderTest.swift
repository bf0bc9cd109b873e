import CohortLog
import Glibc
import TestSupport

/// The implementations that must obey the same laws.
enum DiskUnderTest: CaseIterable, Sendable {
  case posix

  /// Runs `law` on a disk with an empty folder.
  func obeys(_ law: (any Disk, String) throws -> Void) throws {
    switch self {
    case .posix:
      let folder = try TemporaryFolder()
      try law(PosixDisk(), folder.path)
    }
  }
}

/// Runs `attempt` and returns how it failed, or `nil`.
func failure(of attempt: () throws(DiskError) -> Void) -> DiskError? {
  do {
    try attempt()
    return nil
  } catch { return error }
}
