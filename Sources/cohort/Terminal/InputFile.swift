import CohortWire
import Glibc

/// A file that a command reads from front to back, or standard input.
///
/// Anything that can be read will do: a pipe, a device, a file with many names.
final class InputFile {
  /// As it was named, for messages.
  let name: String
  private let console: Console
  private let number: Int32
  /// `nil` for standard input.
  private let owned: OwnedDescriptor?

  /// Opens a file; `-` is standard input.
  init(_ name: String, _ console: Console) throws(Failure) {
    self.console = console
    guard name != "-" else {
      (self.name, number, owned) = ("standard input", console.input, nil)
      return
    }
    self.name = "'\(name)'"
    do throws(SystemReason) {
      let opened =
        if let caller = console.caller { try caller.file(name) } else { try Self.open(name) }
      (number, owned) = (opened.number, opened)
    } catch { throw Self.failure(self.name, error) }
  }

  private static func open(_ name: String) throws(SystemReason) -> OwnedDescriptor {
    let number = unsafe Glibc.open(name, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { throw SystemReason(errno) }
    return OwnedDescriptor(number)
  }

  /// Reads what comes next, up to 256 KiB.
  ///
  /// - Returns: Nothing at the end.
  func chunk() throws(Failure) -> [UInt8] {
    while true {
      guard console.wait(for: POLLIN, on: number) else { throw Self.callerGone }
      let size = 1 << 18
      var count = 0
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
        count = unsafe read(number, buffer.baseAddress, size)
        initialized = max(count, 0)
      }
      if count > 0 { return bytes }
      if count == 0 {
        // An end that comes of the caller's own may have cut the last line.
        if console.isAbandoned { throw Self.callerGone }
        return bytes
      }
      if errno != EINTR, errno != EAGAIN { throw Self.failure(name, SystemReason(errno)) }
    }
  }

  /// Whether a read would wait for whoever writes.
  var isIdle: Bool {
    var descriptor = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&descriptor, 1, 0) == 0
  }

  /// Reads everything.
  ///
  /// - Throws: ``Failure`` if there is more than `limit` bytes.
  func all(limit: Int) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let chunk = try chunk()
      if chunk.isEmpty { return bytes }
      bytes += chunk
      guard bytes.count <= limit else {
        throw Failure(.refused, "\(name) is larger than \(limit) bytes. Send a smaller one.")
      }
    }
  }

  private static func failure(_ name: String, _ reason: SystemReason) -> Failure {
    Failure(
      .refused, "\(name) cannot be read (\(reason.words)). Check its name and its rights.")
  }

  /// Nobody is there to be told.
  private static let callerGone = Failure(
    .storage, "The caller of the command is gone. Nothing further is read.")
}

/// Cuts a file into lines and goes on behind one that is too long, if it has an end at all.
struct LineReader {
  enum Line {
    case text([UInt8])
    case tooLong
  }

  /// The number of the line read last, 1 for the first.
  private(set) var number = 0
  let file: InputFile
  private let limit: Int
  private var pending: [UInt8]
  private var start = 0
  private var isAtEnd = false

  /// Goes on behind what was read from the file already.
  ///
  /// A line has at most `limit` bytes, without its line break.
  init(_ file: InputFile, limit: Int, begun: [UInt8] = []) {
    self.file = file
    self.limit = limit
    pending = begun
  }

  /// The next line that is not blank, without its line break; blank ones are counted.
  ///
  /// - Throws: ``Failure`` if the file cannot be read, or a line has gone on for
  ///   ``endlessSize`` bytes.
  mutating func next() throws(Failure) -> Line? {
    while let line = try nextOfAny() {
      number += 1
      guard case .text(let bytes) = line else { return line }
      if !bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return line }
    }
    return nil
  }

  /// Whether the next line is still to be written by somebody.
  var isIdle: Bool {
    ByteScanner.first(of: 0x0A, in: pending.span, from: start) == pending.count && file.isIdle
  }

  private mutating func nextOfAny() throws(Failure) -> Line? {
    var isTooLong = false
    // So many bytes behind `start` hold no line break, and so many before it in the same line.
    var (searched, skipped) = (0, 0)
    while true {
      let end = ByteScanner.first(of: 0x0A, in: pending.span, from: start + searched)
      if end < pending.count || isAtEnd {
        guard end < pending.count || isTooLong || end > start else { return nil }
        defer { start = min(end + 1, pending.count) }
        return isTooLong ? .tooLong : text(upTo: end)
      }
      searched = end - start
      if isTooLong || searched > limit {
        skipped += searched
        (isTooLong, start, searched) = (true, end, 0)
        guard skipped <= Self.endlessSize else { throw endless }
      }
      try refill()
    }
  }

  /// A line of more bytes has no end, as those of a device: nobody waits for it.
  static var endlessSize: Int { 64 << 20 }

  private var endless: Failure {
    Failure(
      .refused,
      "Line \(number + 1) of \(file.name) has gone on for more than \(Self.endlessSize >> 20) MiB. "
        + "Give a file with one object on each line.")
  }

  private func text(upTo end: Int) -> Line {
    let isReturn = end > start && pending[end - 1] == 0x0D
    let line = pending[start..<(isReturn ? end - 1 : end)]
    return line.count > limit ? .tooLong : .text(Array(line))
  }

  private mutating func refill() throws(Failure) {
    pending.removeSubrange(..<start)
    start = 0
    let chunk = try file.chunk()
    if chunk.isEmpty { isAtEnd = true }
    pending += chunk
  }
}
