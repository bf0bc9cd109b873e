import CohortLog
import Glibc

/// A folder of its own on the real disk, gone with everything in it when the value is.
package struct TemporaryFolder: ~Copyable {
  package let path: String

  package init() throws {
    var template = Array("\(temporaryRoot)/cohort-XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) }
    }
    guard let made else { throw SystemFailure(errno) }
    path = made
  }

  deinit { remove(path) }
}

private var temporaryRoot: String {
  unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
}

/// Removes `path` and all below it, following no links.
private func remove(_ path: String) {
  let disk = PosixDisk()
  if let status = try? disk.lstat(path), status.kind == .directory {
    for name in (try? disk.list(path)) ?? [] { remove("\(path)/\(name)") }
    _ = unsafe rmdir(path)
  } else {
    try? disk.unlink(path)
  }
}
