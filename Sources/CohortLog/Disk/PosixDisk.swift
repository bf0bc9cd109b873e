import CPlatform
import Glibc

/// The disk of this machine.
///
/// Stateless: every call is one system call, and the kernel keeps all there is to keep. New files
/// are readable by their owner only, for they hold personal data.
package struct PosixDisk: Disk, SystemCalls {
  package init() {}

  /// Lets a write beyond the file size limit fail with `EFBIG` instead of killing the process.
  ///
  /// To be called once, before the first file is opened (`SIGXFSZ`, `ulimit -f`).
  package static func ignoreSignals() {
    _ = signal(SIGXFSZ, SIG_IGN)
  }

  package func open(_ path: String, flags: Int32) throws(SystemFailure) -> Int32 {
    try answer(unsafe Glibc.open(path, flags, S_IRUSR | S_IWUSR))
  }

  package func close(_ number: Int32) throws(SystemFailure) {
    // A child process that was just begun may still hold a copy of the descriptor, and with it the
    // lock. To unlock is to unlock for all copies.
    unlock(number)
    try answer(Glibc.close(number))
  }

  package func duplicate(
    _ number: Int32, atLeast minimum: Int32
  ) throws(SystemFailure) -> Int32 {
    try answer(fcntl(number, F_DUPFD_CLOEXEC, minimum))
  }

  package func fstat(_ number: Int32) throws(SystemFailure) -> FileStatus {
    var status = platform_status()
    try answer(unsafe platform_status_of(number, &status))
    return FileStatus(status)
  }

  package func lstat(_ path: String) throws(SystemFailure) -> FileStatus {
    var status = platform_status()
    try answer(unsafe platform_status_at(path, &status))
    return FileStatus(status)
  }

  package func pread(
    _ number: Int32, into bytes: inout OutputSpan<UInt8>, at offset: Int
  ) throws(SystemFailure) -> Int {
    var count = 0
    unsafe bytes.withUnsafeMutableBufferPointer { buffer, initialized in
      let rest = unsafe UnsafeMutableBufferPointer(rebasing: buffer[initialized...])
      count = unsafe Glibc.pread(number, rest.baseAddress, rest.count, offset)
      initialized += max(count, 0)
    }
    return try answer(count)
  }

  package func pwrite(
    _ number: Int32, _ bytes: Span<UInt8>, at offset: Int
  ) throws(SystemFailure) -> Int {
    try answer(
      unsafe bytes.withUnsafeBytes {
        unsafe Glibc.pwrite(number, $0.baseAddress, $0.count, offset)
      })
  }

  package func lseek(
    _ number: Int32, to target: SeekTarget, from offset: Int
  ) throws(SystemFailure) -> Int {
    // SEEK_DATA and SEEK_HOLE of <linux/fs.h>, which the Glibc module leaves out.
    try answer(Glibc.lseek(number, offset, target == .data ? 3 : 4))
  }

  package func fdatasync(_ number: Int32) throws(SystemFailure) {
    try answer(Glibc.fdatasync(number))
  }

  package func ftruncate(_ number: Int32, to size: Int) throws(SystemFailure) {
    try answer(Glibc.ftruncate(number, size))
  }

  package func rename(from path: String, to newPath: String) throws(SystemFailure) {
    try answer(unsafe Glibc.rename(path, newPath))
  }

  package func unlink(path: String) throws(SystemFailure) {
    try answer(unsafe Glibc.unlink(path))
  }

  package func fsync(directory path: String) throws(SystemFailure) {
    let number = try answer(unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    let outcome = Glibc.fsync(number)
    let reason = errno
    _ = Glibc.close(number)
    if outcome < 0 { throw SystemFailure(reason) }
  }

  package func mkdir(_ path: String) throws(SystemFailure) {
    try answer(unsafe Glibc.mkdir(path, S_IRWXU))
  }

  package func readdir(_ path: String) throws(SystemFailure) -> [String] {
    guard let stream = unsafe opendir(path) else { throw SystemFailure(errno) }
    defer { _ = unsafe closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0  // The end and an error look alike but for this.
      guard let entry = unsafe Glibc.readdir(stream) else { break }
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      names.append(name)
    }
    if errno != 0 { throw SystemFailure(errno) }
    return names
  }

  package func flock(_ number: Int32) throws(SystemFailure) {
    try answer(lockWithoutWaiting(number))
  }

  package func statvfs(_ path: String) throws(SystemFailure) -> Int {
    var status = Glibc.statvfs()
    try answer(fileSystemStatus(of: path, &status))
    let (bytes, overflow) = status.f_bavail.multipliedReportingOverflow(by: UInt(status.f_frsize))
    return overflow ? .max : Int(clamping: bytes)
  }

  /// Turns -1 into the reason, which must be read before anything else is called.
  @discardableResult
  private func answer<Number: FixedWidthInteger>(_ value: Number) throws(SystemFailure) -> Number {
    if value < 0 { throw SystemFailure(errno) }
    return value
  }
}

// Out here, where the names of C's functions are not those of the methods above or of C's structs.

private func unlock(_ number: Int32) { _ = flock(number, LOCK_UN) }

private func lockWithoutWaiting(_ number: Int32) -> Int32 { flock(number, LOCK_EX | LOCK_NB) }

private func fileSystemStatus(of path: String, _ status: inout statvfs) -> Int32 {
  unsafe statvfs(path, &status)
}

extension FileStatus {
  fileprivate init(_ status: platform_status) {
    let kind: Kind =
      switch status.mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .directory
      case S_IFLNK: .symbolicLink
      default: .other
      }
    self.init(
      kind: kind, size: Int(status.size), linkCount: Int(status.links),
      identity: FileIdentity(device: status.device, inode: status.inode))
  }
}
