import CohortLog
import Glibc
import TestSupport
import Testing

@Suite struct `The disk of this machine` {
  let disk = PosixDisk()

  @Test func `refuses a device`() {
    let error = failure { () throws(DiskError) in try disk.open("/dev/null", .readAndWrite) }
    #expect(error == DiskError(.open, errno: ENXIO, path: "/dev/null"))
  }

  /// Between its birth and its program, a child process holds a copy of every descriptor.
  @Test func `gives the lock back with the file, whoever has a copy of the descriptor`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a"
    let file = try disk.open(path, .createNew)
    #expect(try disk.lock(file))
    let copy = dup(file.number)
    defer { _ = close(copy) }
    try disk.close(file)
    let again = try disk.open(path, .readAndWrite)
    #expect(try disk.lock(again))
    try disk.close(again)
  }

  @Test func `leaves nothing open when it refuses`() throws {
    let folder = try TemporaryFolder()
    let before = try openFiles(below: folder.path)
    let path = "\(folder.path)/a"
    try disk.close(disk.open(path, .createNew))
    #expect(unsafe link(path, "\(folder.path)/b") == 0)
    for mode in OpenMode.allCases { _ = try? disk.open(path, mode) }
    #expect(try openFiles(below: folder.path) == before)
  }

  @Test func `opens files that only their owner may read`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a"
    try disk.close(disk.open(path, .createNew))
    try disk.makeDirectory("\(folder.path)/d")
    var status = stat()
    #expect(unsafe stat(path, &status) == 0)
    #expect(status.st_mode & 0o077 == 0)
    #expect(unsafe stat("\(folder.path)/d", &status) == 0)
    #expect(status.st_mode & 0o077 == 0)
  }

  @Test func `opens files that child processes do not inherit`() throws {
    let folder = try TemporaryFolder()
    let file = try disk.open("\(folder.path)/a", .createNew)
    let info = try text(of: "/proc/self/fdinfo/\(file.number)")
    let flags = info.split(separator: "\n").first { $0.hasPrefix("flags:") }
    let octal = flags?.split(separator: "\t").last.flatMap { Int32($0, radix: 8) }
    #expect(try #require(octal) & O_CLOEXEC != 0)
    #expect(try duplicate(of: file).flags & FD_CLOEXEC != 0)
    try disk.close(file)
  }

  @Test func `shows the child of a process none of its files`() throws {
    let folder = try TemporaryFolder()
    let file = try disk.open("\(folder.path)/a", .createNew)
    let output = "\(folder.path)/out"
    try #require(spawn("ls -l /proc/self/fd > \(output)") == 0)
    #expect(try text(of: output).contains("/out"))
    #expect(try !text(of: output).contains("\(folder.path)/a"))
    try disk.close(file)
  }

  @Test func `fails beyond the file size limit instead of dying, once signals are ignored`() async {
    await #expect(processExitsWith: .success) {
      // Whoever started us may have ignored it, and the threads of the pool block it.
      signal(SIGXFSZ, SIG_DFL)
      var signals = sigset_t()
      unsafe sigemptyset(&signals)
      unsafe sigaddset(&signals, SIGXFSZ)
      try #require(unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil) == 0)
      PosixDisk.ignoreSignals()
      let folder = try TemporaryFolder()
      let disk = PosixDisk()
      let file = try disk.open("\(folder.path)/a", .createNew)
      var limit = rlimit(rlim_cur: 1_000, rlim_max: 1_000)
      try #require(unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)

      let bytes = [UInt8](repeating: 1, count: 4_000)
      let error = failure { () throws(DiskError) in try disk.write(bytes, to: file, at: 0) }
      try #require(error == DiskError(.write, errno: EFBIG, path: file.path))
      try #require(error?.isOutOfSpace == true)
      try #require(disk.size(of: file) == 1_000, "a part was written, and then nothing more")
    }
  }

  @Test func `opens above the standard streams of a process that has none`() async {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      let disk = PosixDisk()
      for number in 0..<3 as Range<Int32> { close(number) }
      let file = try disk.open("\(folder.path)/a", .createNew)
      try #require(file.number >= 3)
      for number in 0..<3 as Range<Int32> { try #require(fcntl(number, F_GETFD) == -1) }
      try #require(fcntl(file.number, F_GETFD) & FD_CLOEXEC != 0)
      try disk.write([1, 2], to: file, at: 0)
      try #require(disk.read(file, at: 0, count: 3) == [1, 2])
    }
  }

  private func duplicate(of file: Descriptor) throws -> (number: Int32, flags: Int32) {
    let number = try disk.duplicate(file.number, atLeast: 50)
    #expect(number >= 50)
    defer { close(number) }
    return (number, fcntl(number, F_GETFD))
  }

  private func openFiles(below folder: String) throws -> Int {
    let root = realPath(of: folder)
    return try disk.list("/proc/self/fd").filter { name in
      target(of: "/proc/self/fd/\(name)").hasPrefix(root)
    }.count
  }
}

private func target(of link: String) -> String {
  var buffer = [CChar](repeating: 0, count: 4_096)
  let count = unsafe readlink(link, &buffer, buffer.count)
  return String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

private func realPath(of path: String) -> String {
  guard let real = unsafe realpath(path, nil) else { return path }
  defer { unsafe free(real) }
  return unsafe String(cString: real)
}

/// Reads a file whose size the kernel does not tell.
private func text(of path: String) throws -> String {
  let disk = PosixDisk()
  let number = try disk.open(path, flags: O_RDONLY)
  defer { close(number) }
  var bytes: [UInt8] = []
  while true {
    var count = 0
    let offset = bytes.count
    try bytes.append(addingCapacity: 4_096) { (output: inout OutputSpan<UInt8>) in
      count = try disk.pread(number, into: &output, at: offset)
    }
    if count == 0 { return String(decoding: bytes, as: UTF8.self) }
  }
}

/// Runs a shell script and returns its exit status, or -1.
private func spawn(_ script: String) -> Int32 {
  let status = unsafe system(script)
  return status < 0 ? -1 : (status >> 8) & 0xff
}
