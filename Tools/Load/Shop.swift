import Foundation

/// A ledger in a temporary folder with a million users, and its server as a process of its own.
final class Shop {
  let users: Int
  let idBytes: Int
  let folder: URL
  private(set) var port: UInt16 = 0
  private(set) var partnerKey = ""
  private(set) var importKey = ""
  private(set) var readKey = ""
  /// Also shows identifiers, and the log.
  private(set) var tellingKey = ""
  let program: URL
  private var server: Process?

  var storage: String { folder.appending(path: "ledger").path }
  var processID: Int32 { server?.processIdentifier ?? 0 }

  init(users: Int, idBytes: Int) throws {
    self.users = users
    self.idBytes = idBytes
    folder = FileManager.default.temporaryDirectory.appending(path: "cohort-load-\(getpid())")
    program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appending(path: "cohort")
    guard FileManager.default.isExecutableFile(atPath: program.path) else {
      throw Trouble(
        "There is no cohort beside this program. Run: swift build -c release --product cohort")
    }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    partnerKey = try terminal(["partners", "enable", "hightouch"], "partner_api_key")
    importKey = try terminal(
      ["keys", "issue", "data-import", "--partner", "hightouch", "--label", "load"], "secret")
    readKey = try terminal(
      ["keys", "issue", "rest", "--permission", "ledger.read", "--label", "load"], "secret")
    tellingKey = try terminal(
      [
        "keys", "issue", "rest", "--permission", "ledger.read", "--permission", "ledger.people",
        "--permission", "ledger.log", "--label", "telling",
      ], "secret")
    try createUsers()
  }

  func externalID(_ number: Int) -> String {
    let digits = String(number)
    let zeros = String(repeating: "0", count: 8 - digits.count)
    return idBytes == 36
      ? "0f8fad5b-d9cb-469f-a165-7086\(zeros)\(digits)" : "cust-\(zeros)\(digits)"
  }

  private func createUsers() throws {
    let file = folder.appending(path: "users.csv")
    var text = "external_id\n"
    for number in 0..<users { text += externalID(number) + "\n" }
    try text.write(to: file, atomically: false, encoding: .utf8)
    text = ""
    _ = try run(["users", "import", file.path])
    try FileManager.default.removeItem(at: file)
  }

  /// Runs a command of the terminal and takes a member out of what it printed.
  private func terminal(_ words: [String], _ member: String) throws -> String {
    let output = try run(words + ["--json"])
    guard let object = try JSONSerialization.jsonObject(with: output) as? [String: Any],
      let value = object[member] as? String
    else { throw Trouble("cohort \(words.joined(separator: " ")) printed no \(member).") }
    return value
  }

  private func run(_ words: [String]) throws -> Data {
    let process = Process()
    process.executableURL = program
    process.arguments = words + ["--storage", storage]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Trouble(
        "cohort \(words.prefix(2).joined(separator: " ")) ended with "
          + "\(process.terminationStatus).")
    }
    return data
  }

  func start() throws {
    let process = Process()
    process.executableURL = program
    process.arguments = [
      "serve", "--listen", "127.0.0.1:0", "--storage", storage, "--access-log", "/dev/null",
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    server = process
    var line = Data()
    while !line.contains(0x0A) {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { throw Trouble("cohort serve ended before it listened.") }
      line += more
    }
    let text = String(decoding: line, as: UTF8.self)
    guard let colon = text.lastIndex(of: ":"),
      let port = UInt16(text[text.index(after: colon)...].prefix { $0.isNumber })
    else { throw Trouble("cohort serve says '\(text)' instead of where it listens.") }
    self.port = port
  }

  /// Stops the server as an operator would, and waits for it.
  func stop() throws {
    guard let server else { return }
    server.terminate()
    server.waitUntilExit()
    self.server = nil
    guard server.terminationStatus == 0 else {
      throw Trouble("cohort serve ended with \(server.terminationStatus).")
    }
  }

  func remove() {
    server?.terminate()
    server?.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  /// How much processor time the server has used, and this program, in seconds.
  func processorSeconds() -> (server: Double, client: Double) {
    func seconds(_ process: String) -> Double {
      let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
      // Behind the name, which may hold anything, come a letter and numbers (proc(5)).
      let fields = text?.split(separator: ")").last?.split(separator: " ") ?? []
      guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
        return 0
      }
      return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
    return (seconds("\(processID)"), seconds("self"))
  }

  /// A number of the server's, in MiB: `VmRSS`, `VmHWM`.
  func memory(_ name: String = "VmRSS") -> Double { processMemory(processID, name) }
}

/// A number of a process's, in MiB; 0 once it is gone.
func processMemory(_ process: Int32, _ name: String) -> Double {
  let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
  let line = text?.split(separator: "\n").first { $0.hasPrefix("\(name):") }
  let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
  return (kilobytes.flatMap { Double($0) } ?? 0) / 1_024
}

extension Shop {
  /// The value of a metric without labels.
  func metric(_ name: String) throws -> Double {
    let socket = try Socket(port: port)
    let request = Array(
      ("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        + "Authorization: Bearer \(readKey)\r\n\r\n").utf8)
    _ = try socket.send(request.span)
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var answer = AnswerReader()
    while true {
      guard let count = try socket.receive(into: &buffer) else {
        socket.waitForBytes()
        continue
      }
      text += String(decoding: buffer[..<count], as: UTF8.self)
      if try answer.take(buffer, count) { break }
    }
    for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("\(name) ") {
      if let value = Double(line.dropFirst(name.count + 1)) { return value }
    }
    throw Trouble("The server has no metric \(name).")
  }

  /// Puts every user into one cohort.
  func fill(_ cohort: String) throws {
    var driver = try Driver(port: port, connections: 64)
    defer { driver.close() }
    var filling = Filling(self, cohort)
    while !filling.isDone { _ = try driver.run(&filling, seconds: 1) }
  }
}

/// Imports that add one user after another, until all are in.
struct Filling: Workload {
  private let shop: Shop
  private let cohort: String
  private var next = 0

  init(_ shop: Shop, _ cohort: String) {
    self.shop = shop
    self.cohort = cohort
  }

  var isDone: Bool { next >= shop.users }

  mutating func write(_ request: inout [UInt8], connection: Int) {
    let last = min(next + 1_000, shop.users)
    let ids = (next..<last).map { "\"\(shop.externalID($0))\"" }.joined(separator: ",")
    next = last
    let body =
      "{\"partner_api_key\":\"\(shop.partnerKey)\",\"client_secret\":\"\(shop.importKey)\","
      + "\"cohort_id\":\"\(cohort)\",\"cohort_changes\":[{\"user_ids\":[\(ids)]}]}"
    request += Array(
      ("POST /partners/hightouch/cohorts/users HTTP/1.1\r\nHost: localhost\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8)
  }

  mutating func read(_ answer: AnswerReader) throws {
    guard answer.status == 201 else {
      throw Trouble("\(answer.status): \(String(decoding: answer.beginning, as: UTF8.self))")
    }
  }
}
