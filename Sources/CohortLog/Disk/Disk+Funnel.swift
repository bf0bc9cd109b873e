import Glibc

/// The one place where single system calls become whole operations.
///
///     interrupted (EINTR)   tried again, up to 1,000 times in a row
///     short count           the rest is asked for
///     0 bytes written       tried again, up to 8 times in a row, then EIO
///     0 bytes read          the end if the size says so, else as above
///     close interrupted     closed: Linux has released the number, and another thread may own it
extension Disk where Self: SystemCalls {
  package func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> Descriptor {
    // Without O_NONBLOCK, opening a pipe would wait for its other end.
    let flags = mode.flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
    var number = try whole(.open, path) { () throws(SystemFailure) in
      try open(path, flags: flags)
    }
    do throws(DiskError) {
      if number < firstFreeNumber {
        let low = number
        number = try whole(.open, path) { () throws(SystemFailure) in
          try duplicate(low, atLeast: firstFreeNumber)
        }
        try? close(low)
      }
      let status = try whole(.open, path) { () throws(SystemFailure) in try fstat(number) }
      if let errno = status.refusal { throw DiskError(.open, errno: errno, path: path) }
    } catch {
      try? close(number)
      throw error
    }
    return Descriptor(number: number, path: path)
  }

  package func close(_ file: Descriptor) throws(DiskError) {
    do { try close(file.number) } catch  where error.errno != EINTR {
      throw DiskError(.close, errno: error.errno, path: file.path)
    } catch {}
  }

  package func size(of file: Descriptor) throws(DiskError) -> Int {
    try status(of: file).size
  }

  package func writtenRange(
    of file: Descriptor, from offset: Int
  ) throws(DiskError) -> Range<Int>? {
    let size = try size(of: file)
    guard offset < size else { return nil }
    do {
      let start = try whole(.status, file.path) { () throws(SystemFailure) in
        try lseek(file.number, to: .data, from: offset)
      }
      let end = try whole(.status, file.path) { () throws(SystemFailure) in
        try lseek(file.number, to: .hole, from: start)
      }
      return start..<max(start, end)
    } catch {
      switch error.errno {
      case ENXIO: return nil
      case EINVAL, EOPNOTSUPP: return offset..<size
      default: throw error
      }
    }
  }

  package func read(
    _ file: Descriptor, at offset: Int, into bytes: inout OutputSpan<UInt8>
  ) throws(DiskError) {
    let start = bytes.count
    var zeros = 0
    while !bytes.isFull {
      let position = offset + bytes.count - start
      let count = try whole(.read, file.path) { () throws(SystemFailure) in
        try pread(file.number, into: &bytes, at: position)
      }
      guard count == 0 else {
        zeros = 0
        continue
      }
      if try size(of: file) <= position { return }
      zeros += 1
      if zeros > zerosMax { throw DiskError(.read, errno: EIO, path: file.path) }
    }
  }

  package func write(
    _ bytes: Span<UInt8>, to file: Descriptor, at offset: Int
  ) throws(DiskError) {
    var done = 0
    var zeros = 0
    while done < bytes.count {
      let rest = bytes.extracting(droppingFirst: done)
      let count = try whole(.write, file.path) { () throws(SystemFailure) in
        try pwrite(file.number, rest, at: offset + done)
      }
      done += count
      zeros = count == 0 ? zeros + 1 : 0
      if zeros > zerosMax { throw DiskError(.write, errno: EIO, path: file.path) }
    }
  }

  package func sync(_ file: Descriptor) throws(DiskError) {
    try whole(.sync, file.path) { () throws(SystemFailure) in try fdatasync(file.number) }
  }

  package func truncate(_ file: Descriptor, to size: Int) throws(DiskError) {
    try whole(.truncate, file.path) { () throws(SystemFailure) in
      try ftruncate(file.number, to: size)
    }
  }

  package func rename(_ path: String, to newPath: String) throws(DiskError) {
    try whole(.rename, path) { () throws(SystemFailure) in try rename(from: path, to: newPath) }
  }

  package func unlink(_ path: String) throws(DiskError) {
    try whole(.unlink, path) { () throws(SystemFailure) in try unlink(path: path) }
  }

  package func syncDirectory(_ path: String) throws(DiskError) {
    try whole(.syncDirectory, path) { () throws(SystemFailure) in try fsync(directory: path) }
  }

  package func makeDirectory(_ path: String) throws(DiskError) {
    try whole(.makeDirectory, path) { () throws(SystemFailure) in try mkdir(path) }
  }

  package func list(_ path: String) throws(DiskError) -> [String] {
    let names = try whole(.list, path) { () throws(SystemFailure) in try readdir(path) }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }

  package func lock(_ file: Descriptor) throws(DiskError) -> Bool {
    do {
      try whole(.lock, file.path) { () throws(SystemFailure) in try flock(file.number) }
      return true
    } catch {
      if error.errno == EWOULDBLOCK { return false }
      throw error
    }
  }

  package func identity(of file: Descriptor) throws(DiskError) -> FileIdentity {
    try status(of: file).identity
  }

  package func identity(at path: String) throws(DiskError) -> FileIdentity? {
    do {
      return try whole(.status, path) { () throws(SystemFailure) in try lstat(path) }.identity
    } catch {
      if error.errno == ENOENT || error.errno == ENOTDIR { return nil }
      throw error
    }
  }

  package func freeSpace(at path: String) throws(DiskError) -> Int {
    try whole(.freeSpace, path) { () throws(SystemFailure) in try statvfs(path) }
  }

  private func status(of file: Descriptor) throws(DiskError) -> FileStatus {
    try whole(.status, file.path) { () throws(SystemFailure) in try fstat(file.number) }
  }

  /// Repeats `attempt` while it is interrupted.
  private func whole<Result>(
    _ call: DiskError.Call, _ path: String, _ attempt: () throws(SystemFailure) -> Result
  ) throws(DiskError) -> Result {
    for _ in 1..<interruptionsMax {
      do { return try attempt() } catch  where error.errno == EINTR {
        continue
      } catch {
        throw DiskError(call, errno: error.errno, path: path)
      }
    }
    do { return try attempt() } catch { throw DiskError(call, errno: error.errno, path: path) }
  }
}

/// 0, 1 and 2 are the standard streams, whether or not they are open.
private let firstFreeNumber: Int32 = 3
private let interruptionsMax = 1_000
private let zerosMax = 8

extension OpenMode {
  fileprivate var flags: Int32 {
    switch self {
    case .read: O_RDONLY
    case .readAndWrite: O_RDWR
    case .create: O_RDWR | O_CREAT
    case .createNew: O_RDWR | O_CREAT | O_EXCL
    }
  }
}

extension FileStatus {
  /// The errno with which the log refuses to open such a file, or `nil` if it may.
  fileprivate var refusal: Int32? {
    switch kind {
    case .regular: linkCount == 1 ? nil : EMLINK
    case .directory: EISDIR
    case .symbolicLink: ELOOP
    case .other: ENXIO
    }
  }
}
