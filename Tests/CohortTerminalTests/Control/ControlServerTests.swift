import CohortLedger
import CohortLog
import CohortThreads
import Glibc
import Testing

@testable import cohort

@Suite struct ControlServerTests {
  /// A request that is refused, with an answer in one line.
  private static let line = "{}\n"

  /// An `import -` that has answered one line, and waits for the next.
  private struct WaitingImport {
    let caller: RawCaller
    let input: Pipe
    let output: Pipe

    init(_ storage: String) throws {
      (input, output) = (try Pipe(), try Pipe())
      caller = try RawCaller(
        ["import", "-"], to: storage,
        [input.reading.number, output.writing.number, output.writing.number])
      Pipe.write(ControlServerTests.line, to: input.writing)
      #expect(Pipe.line(from: output.reading).contains("'path' is missing"))
    }
  }

  @Test func `a socket is there for its owner, while the server is there`() throws {
    let house = try TerminalHouse()
    let (server, ledger) = try house.serve()
    var status = stat()
    #expect(unsafe lstat("\(house.storage)/control.sock", &status) == 0)
    #expect(status.st_mode & S_IFMT == S_IFSOCK)
    #expect(status.st_mode & 0o777 == 0o600)
    let names = try PosixDisk().list(house.storage)
    #expect(!names.contains("control.sock.new"))
    server.stop()
    server.stop()
    #expect(unsafe lstat("\(house.storage)/control.sock", &status) != 0)
    try ledger.close()
    #expect(try house.run("status").code == .done)
  }

  @Test func `too few threads leave no socket behind`() throws {
    let house = try TerminalHouse()
    let ledger = try Ledger.open(house.storage, for: .create)
    for count in [0, 1, 16] {
      let server = ControlServer(folder: house.storage, ledger: ledger)
      let failure = ThreadShortage.$current.withValue(ThreadShortage(after: count)) {
        #expect(throws: Failure.self) { try server.start() }
      }
      #expect(failure?.code == .storage)
      #expect(failure?.message.hasPrefix("The system has no thread to give") == true)
      #expect(try !PosixDisk().list(house.storage).contains { $0.hasPrefix("control.sock") })
      server.stop()
    }
    let server = ControlServer(folder: house.storage, ledger: ledger)
    try server.start()
    #expect(try house.run("partners list").code == .done)
    server.stop()
    try ledger.close()
  }

  @Test func `a path longer than the system takes is no hindrance`() throws {
    let house = try TerminalHouse()
    let long = "\(house.path)/" + String(repeating: "x", count: 120)
    let ledger = try Ledger.open(long, for: .create)
    let server = ControlServer(folder: long, ledger: ledger)
    try server.start()
    let output = try Pipe()
    let caller = try RawCaller(["log"], to: long, [0, output.writing.number, 2])
    #expect(try caller.reply() == ControlReply(.done))
    server.stop()
    try ledger.close()
  }

  @Test func `what a dead server left is replaced, what a living one has is not`() throws {
    let house = try TerminalHouse()
    let ledger = try Ledger.open(house.storage, for: .create)
    // A socket that nobody listens on any more, and one that was never finished.
    for name in ["control.sock", "control.sock.new"] {
      let dead = try ControlAddress.socket()
      let address = try ControlAddress(name, in: house.storage)
      #expect(unsafe address.withPointer { unsafe bind(dead.number, $0, $1) } == 0)
    }
    let server = ControlServer(folder: house.storage, ledger: ledger)
    try server.start()
    #expect(try house.run("partners list").code == .done)

    let second = ControlServer(folder: house.storage, ledger: ledger)
    let failure = #expect(throws: Failure.self) { try second.start() }
    #expect(failure?.code == .storage)
    #expect(failure?.message.contains("Another process, number \(getpid()),") == true)
    second.stop()
    #expect(try house.run("partners list").code == .done)
    server.stop()
    try ledger.close()
  }

  @Test func `without a server the log is opened, whatever is left in the folder`() throws {
    let house = try TerminalHouse()
    #expect(try house.run("partners enable hightouch").code == .done)
    let dead = try ControlAddress.socket()
    let address = try ControlAddress("control.sock", in: house.storage)
    #expect(unsafe address.withPointer { unsafe bind(dead.number, $0, $1) } == 0)
    #expect(try house.run("partners list").output.contains("hightouch"))
  }

  @Test func `what needs the ledger for itself names the server`() throws {
    let house = try TerminalHouse()
    let (server, ledger) = try house.serve()
    for line in ["restore backup", "repair --from backup"] {
      let run = try house.run(line)
      #expect(run.code == .storage)
      #expect(run.words.contains("number \(getpid()), writes to the ledger in '\(house.storage)'"))
    }
    #expect(try house.run("help").code == .done)
    for line in ["restore backup", "help", "completion bash"] {
      let words = try Pipe()
      let caller = try RawCaller(
        line.split(separator: " ").map(String.init), to: house.storage,
        [0, words.writing.number, words.writing.number])
      #expect(try caller.reply() == ControlReply(.refused))
      #expect(Pipe.line(from: words.reading).contains("is not for a server to do"))
    }
    server.stop()
    try ledger.close()
  }

  @Test func `answers come line by line, as the lines do`() throws {
    let house = try TerminalHouse()
    let (server, ledger) = try house.serve()
    let (input, output) = (try Pipe(), try Pipe())
    let storage = house.storage
    let code = Monitor<ExitCode?>(nil)
    let terminal = try Thread("terminal") {
      let console = Console(
        input: input.reading.number, output: output.writing.number, error: output.writing.number)
      let outcome = Terminal(console).carryOut(["import", "-", "--storage", storage])
      code.change { $0 = outcome }
    }
    for _ in 0..<3 {
      Pipe.write(Self.line, to: input.writing)
      #expect(Pipe.line(from: output.reading).contains("\"status\":400"))
    }
    // The last line has no break, and ends with the input.
    Pipe.write("{}", to: input.writing)
    Pipe.close(input.writing)
    #expect(Pipe.line(from: output.reading).contains("\"status\":400"))
    #expect(Pipe.line(from: output.reading).contains("4 of 4 requests were refused"))
    #expect(code.wait(for: { $0 }) == .refused)
    terminal.join()
    server.stop()
    try ledger.close()
  }

  @Test func `a caller that goes ends its command, and no other`() throws {
    let house = try TerminalHouse()
    let users = (1...3_000).map { "{\"external_id\":\"user-\($0)\"}\n" }.joined()
    #expect(try house.run("users import -", input: users).code == .done)
    let (server, ledger) = try house.serve()
    let other = try WaitingImport(house.storage)
    do {
      // One waits for input that never comes, one for a reader of more than a pipe holds, and one
      // has said nothing yet.
      let reading = try WaitingImport(house.storage)
      let full = try Pipe()
      let writing = try RawCaller(["log"], to: house.storage, [0, full.writing.number, 2])
      let silent = try ControlSocket.connect(in: house.storage)
      #expect(Pipe.line(from: full.reading).hasPrefix("#1\t"))
      #expect(!server.isIdle(but: 3, within: 0))
      withExtendedLifetime((reading, writing, silent)) {}
    }
    #expect(server.isIdle(but: 1, within: 60_000))
    Pipe.write(Self.line, to: other.input.writing)
    #expect(Pipe.line(from: other.output.reading).contains("'path' is missing"))
    // A reader that goes ends its command too.
    let closed = try Pipe()
    let deaf = try RawCaller(["log"], to: house.storage, [0, closed.writing.number, 2])
    Pipe.close(closed.reading)
    #expect(try deaf.reply() == ControlReply(.refused))
    server.stop(within: 0)
    #expect(try other.caller.reply()?.words.hasPrefix("The server is shutting down") == true)
    try ledger.close()
  }

  @Test func `the seventeenth command at once is refused, and finds room later`() throws {
    let house = try TerminalHouse()
    let (server, ledger) = try house.serve()
    var waiting = try (0..<16).map { _ in try WaitingImport(house.storage) }
    let run = try house.run("log")
    #expect(run.code == .storage)
    #expect(run.words.contains("16 commands of terminals are at work"))
    waiting.removeLast()
    #expect(server.isIdle(but: 15, within: 60_000))
    #expect(try house.run("log").code == .done)
    for one in waiting { Pipe.write("", to: one.input.writing) }
    server.stop(within: 0)
    try ledger.close()
  }

  @Test func `another release, another program and a broken request are told so`() throws {
    let house = try TerminalHouse()
    let (server, ledger) = try house.serve()
    let other = try RawCaller(["log"], to: house.storage, version: "0.9.1", [0, 1, 2])
    let reply = try other.reply()
    #expect(reply?.code == ExitCode.storage.rawValue)
    #expect(reply?.words.contains("release \(Version.text), and this program is 0.9.1") == true)
    // A descriptor too few, one too many, and a file that is not there.
    for count in [0, 2, 4] {
      let broken = try RawCaller(
        ["log"], to: house.storage, Array(repeating: 0, count: count))
      #expect(try broken.reply() == ControlReply(ControlledCommand.malformed))
    }
    let stranger = try ControlSocket.connect(in: house.storage)
    try stranger?.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
    let answer = try? stranger?.receive()
    #expect(answer == nil)
    // More descriptors than any command has are let go of.
    let greedy = try RawCaller(["log"], to: house.storage, Array(repeating: 0, count: 200))
    #expect((try? greedy.reply()) == nil)
    #expect(try house.run("log").code == .done)
    server.stop()
    try ledger.close()
  }

  @Test func `paths start from the caller's folder, and files are the caller's own`() throws {
    let house = try TerminalHouse()
    let (server, ledger) = try house.serve()
    let file = try house.write("external_id\nana\n", to: "users.csv")
    let output = try Pipe()
    let number = unsafe open(file, O_RDONLY | O_CLOEXEC)
    let users = OwnedDescriptor(number)
    // Whatever it is called: what counts is what came with the request.
    let renamed = try RawCaller(
      ["users", "import", "elsewhere.csv"], to: house.storage,
      files: [ControlRequest.File(name: "elsewhere.csv", reason: 0)],
      [0, output.writing.number, 2, users.number])
    #expect(try renamed.reply() == ControlReply(.done))
    #expect(Pipe.line(from: output.reading) == "created 1")
    let words = try Pipe()
    let denied = try RawCaller(
      ["users", "import", "/etc/passwd"], to: house.storage,
      files: [ControlRequest.File(name: "/etc/passwd", reason: EACCES)],
      [0, 1, words.writing.number])
    #expect(try denied.reply() == ControlReply(.refused))
    #expect(Pipe.line(from: words.reading).contains("'/etc/passwd' cannot be read (errno 13"))
    let unknown = try RawCaller(
      ["users", "import", "/etc/passwd"], to: house.storage, [0, 1, words.writing.number])
    #expect(try unknown.reply() == ControlReply(.refused))

    let backup = try RawCaller(
      ["backup", "copy"], to: house.storage, from: house.path, [0, output.writing.number, 2])
    #expect(try backup.reply() == ControlReply(.done))
    #expect(try house.run(["verify", "\(house.path)/copy"]).code == .done)
    let lost = try RawCaller(
      ["backup", "copy"], to: house.storage, from: "", [0, 1, words.writing.number])
    #expect(try lost.reply() == ControlReply(.usage))
    server.stop()
    try ledger.close()
  }
}
