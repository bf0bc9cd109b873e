import CohortLog
import Glibc
import TestSupport

/// The implementations that must obey the same laws.
enum DiskUnderTest: CaseIterable, Sendable {
  case posix, simulated

  /// Runs `law` on a disk with an empty folder.
  func obeys(_ law: (any Disk, String) throws -> Void) throws {
    try obeys { world in try law(world.disk, world.folder) }
  }

  /// Runs `law` on a disk where things may stand that are no files.
  func obeys(_ law: (World) throws -> Void) throws {
    switch self {
    case .posix:
      let folder = try TemporaryFolder()
      try law(
        World(
          disk: PosixDisk(), folder: folder.path,
          plant: { kind, path in
            let outcome =
              switch kind {
              case .symbolicLink: unsafe symlink("nowhere", path)
              case .directory: unsafe mkdir(path, S_IRWXU)
              default: unsafe mkfifo(path, S_IRUSR | S_IWUSR)
              }
            if outcome < 0 { throw SystemFailure(errno) }
          },
          link: { old, new in if unsafe Glibc.link(old, new) < 0 { throw SystemFailure(errno) } }))
    case .simulated:
      let disk = SimulatedDisk()
      try disk.makeDirectory("/ledger")
      try law(
        World(
          disk: disk, folder: "/ledger", plant: { kind, path in try disk.plant(kind, at: path) },
          link: { old, new in try disk.link(old, to: new) }))
    }
  }

  struct World {
    let disk: any Disk
    let folder: String
    let plant: (FileStatus.Kind, String) throws -> Void
    let link: (String, String) throws -> Void
  }
}

/// Runs `attempt` and returns how it failed, or `nil`.
func failure<Result>(of attempt: () throws(DiskError) -> Result) -> DiskError? {
  do {
    _ = try attempt()
    return nil
  } catch { return error }
}
