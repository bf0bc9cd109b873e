import CohortLedger
import CohortLog
import CohortServer
import CohortThreads
import Glibc
import TestSupport

@testable import cohort

/// A storage folder, and a terminal whose streams are files.
struct TerminalHouse: ~Copyable {
  struct Run: Hashable {
    let code: ExitCode
    let output: String
    let words: String
  }

  private let folder: TestSupport.TemporaryFolder

  init() throws {
    Self.prepared
    folder = try TestSupport.TemporaryFolder()
  }

  /// Lets a broken pipe end no test.
  ///
  /// Handled rather than ignored: what other tests start is then as it was before.
  private static let prepared: Void = { _ = signal(SIGPIPE) { _ in } }()

  var path: String { folder.path }
  var storage: String { "\(folder.path)/ledger" }

  /// Begins a ledger, and opens it for a server.
  func serve() throws -> (server: ControlServer, ledger: Ledger) {
    let ledger = try Ledger.open(storage, for: .create)
    let sessions = Sessions()
    sessions.serve(at: "http://127.0.0.1:8080")
    let server = ControlServer(folder: storage, ledger: ledger, sessions: sessions)
    try server.start()
    return (server, ledger)
  }

  /// Runs a command line as its own process would.
  ///
  /// Its data goes to `output`, or to a file that is read afterwards.
  func run(
    _ words: [String], input: String = "", to output: OwnedDescriptor? = nil
  ) throws -> Run {
    let streams = try Streams(in: path, input: input)
    let console = Console(
      input: streams.input.number, output: (output ?? streams.output).number,
      error: streams.error.number)
    let code = Terminal(console).carryOut(words + ["--storage", storage])
    return Run(
      code: code, output: Streams.text(streams.output), words: Streams.text(streams.error))
  }

  func run(
    _ line: String, input: String = "", to output: OwnedDescriptor? = nil
  ) throws -> Run {
    try run(line.split(separator: " ").map(String.init), input: input, to: output)
  }

  func write(_ text: String, to name: String) throws -> String {
    let disk = PosixDisk()
    let file = try disk.open("\(path)/\(name)", .create)
    defer { try? disk.close(file) }
    try disk.truncate(file, to: 0)
    try disk.write(Array(text.utf8), to: file, at: 0)
    return "\(path)/\(name)"
  }
}

/// Three files without names.
private struct Streams {
  let input: OwnedDescriptor
  let output: OwnedDescriptor
  let error: OwnedDescriptor

  init(in folder: String, input text: String) throws {
    func made() throws -> OwnedDescriptor {
      let path = "\(folder)/stream"
      let number = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard number >= 0 else { throw SystemReason(errno) }
      _ = unsafe unlink(path)
      return OwnedDescriptor(number)
    }
    (input, output, error) = (try made(), try made(), try made())
    var bytes = Array(text.utf8)
    _ = unsafe pwrite(input.number, &bytes, bytes.count, 0)
  }

  static func text(_ file: OwnedDescriptor) -> String {
    _ = lseek(file.number, 0, SEEK_SET)
    return Pipe.all(from: file)
  }
}

/// A pipe, both ends ours.
struct Pipe {
  let reading: OwnedDescriptor
  let writing: OwnedDescriptor

  /// Closed on exec from the first moment on: a child of another test must not hold an end open.
  init() throws {
    let folder = try TestSupport.TemporaryFolder()
    let path = "\(folder.path)/pipe"
    guard unsafe mkfifo(path, 0o600) == 0 else { throw SystemReason(errno) }
    reading = OwnedDescriptor(unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC))
    writing = OwnedDescriptor(unsafe open(path, O_WRONLY | O_CLOEXEC))
    guard fcntl(reading.number, F_SETFL, 0) == 0 else { throw SystemReason(errno) }
  }

  /// Closes an end, while its number stays ours: another thread might be given it else.
  static func close(_ end: OwnedDescriptor) {
    let nothing = OwnedDescriptor(unsafe open("/dev/null", O_RDWR | O_CLOEXEC))
    _ = dup2(nothing.number, end.number)
  }

  static func write(_ text: String, to end: OwnedDescriptor) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(end.number, $0.baseAddress, $0.count)
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Waits for a whole line.
  static func line(from end: OwnedDescriptor) -> String {
    var (bytes, byte) = ([UInt8](), [UInt8](repeating: 0, count: 1))
    while unsafe read(end.number, &byte, 1) == 1, byte[0] != 0x0A { bytes += byte }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func all(from end: OwnedDescriptor) -> String {
    var (bytes, part) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
    while true {
      let count = unsafe read(end.number, &part, part.count)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += part.prefix(count)
    }
  }
}

/// A terminal that speaks to a server by hand, so that it can do what the program never does.
final class RawCaller: Sendable {
  private let socket: ControlSocket

  /// Asks for a command, as a program of any version.
  init(
    _ words: [String], to folder: String, from working: String = "/",
    files: [ControlRequest.File] = [], version: String = Version.text, _ descriptors: [Int32]
  ) throws {
    guard let socket = try ControlSocket.connect(in: folder) else { throw SystemReason(ENOENT) }
    self.socket = socket
    let request = ControlRequest(version: version, folder: working, files: files, words: words)
    try socket.send(request.bytes, with: descriptors)
  }

  /// Waits for the end of the command; `nil` if the server says nothing.
  func reply() throws -> ControlReply? {
    try socket.receive().flatMap { ControlReply(body: $0.body) }
  }
}

enum Folders {
  /// Deletes a folder of files, if there is one.
  static func remove(_ path: String) {
    let disk = PosixDisk()
    guard let names = try? disk.list(path) else { return }
    for name in names { try? disk.unlink("\(path)/\(name)") }
    _ = unsafe rmdir(path)
  }
}
