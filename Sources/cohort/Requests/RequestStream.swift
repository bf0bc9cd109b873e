import CohortLedger
import CohortModel
import CohortServer
import CohortThreads
import CohortWire

/// Carries out a file of requests, one a line, and answers each in a line, in order.
///
/// Many commands wait for the disk at once, so that one sync answers a group of them; the window of
/// those that wait is bounded by number and bytes, so a file of any length takes bounded memory.
struct RequestStream: ~Copyable {
  /// What a line asks for, and who asks.
  typealias Reading = ([UInt8], Ledger) throws(WireError) -> (WriteRequest, Author)

  private let ledger: Ledger
  private let console: Console
  private let read: Reading
  private var waiting: [Waiting] = []
  private var first = 0
  private var waitingBytes = 0
  private var carriedOut = 0
  private var refused = 0
  private var firstRefused: Int?
  /// Why nothing further is submitted.
  private var failure: LedgerError?
  /// Why nothing further can be read.
  private var unreadable: Failure?

  /// A line whose answer has not been printed.
  private struct Waiting {
    enum State {
      case answered(Reply)
      case submitted(WriteRequest, Monitor<Result<Committed, LedgerError>?>)
    }
    let line: Int
    let size: Int
    let state: State
  }

  init(_ ledger: Ledger, _ console: Console, _ read: @escaping Reading) {
    (self.ledger, self.console, self.read) = (ledger, console, read)
  }

  /// - Throws: ``OutputClosed``; ``Failure`` if the file cannot be read, or the storage not
  ///   written.
  mutating func run(_ lines: inout LineReader) throws -> ExitCode {
    while failure == nil {
      if lines.isIdle {
        // Whoever writes line by line may wait for the answers.
        try settle(downTo: 0)
        try console.flush()
      }
      guard let line = next(&lines) else { break }
      if lines.number.isMultiple(of: 1_000) { console.progress("line \(lines.number)") }
      switch line {
      case .tooLong: add(.answered(Self.tooLong.reply), lines.number, size: 0)
      case .text(let text): try take(text, lines.number)
      }
      if waiting.count - first >= Self.waitingMax || waitingBytes >= Self.waitingBytesMax {
        try settle(downTo: (waiting.count - first) / 2)
      }
    }
    try settle(downTo: 0)
    console.endProgress()
    if let failure {
      try console.flush()
      console.say("Nothing behind line \(lines.number) was read.")
      throw failure
    }
    if let unreadable {
      try console.flush()
      console.say("What stands before that place is done, as answered.")
      throw unreadable
    }
    guard let firstRefused else { return .done }
    try console.flush()
    console.say(
      "\(refused) of \(carriedOut + refused) requests were refused, the first in line "
        + "\(firstRefused). Correct them and send them again; the others are done.")
    return .refused
  }

  /// The next line; `nil` also where nothing can be read, for what came before has its answers.
  private mutating func next(_ lines: inout LineReader) -> LineReader.Line? {
    do throws(Failure) { return try lines.next() } catch {
      unreadable = error
      return nil
    }
  }

  private mutating func take(_ text: [UInt8], _ line: Int) throws {
    let request: WriteRequest
    let author: Author
    do throws(WireError) {
      (request, author) = try read(text, ledger)
    } catch { return add(.answered(error.reply), line, size: 0) }
    guard case .wish(let wish) = request.action else {
      // What is more than a command is done alone, in its turn.
      try settle(downTo: 0)
      guard failure == nil else { return }
      return add(.answered(try carryOut(request, author)), line, size: 0)
    }
    let outcome = Monitor<Result<Committed, LedgerError>?>(nil)
    add(.submitted(request, outcome), line, size: text.count)
    ledger.submit(Command(author: author, wish: wish)) { result in
      outcome.change { $0 = result }
    }
  }

  private mutating func add(_ state: Waiting.State, _ line: Int, size: Int) {
    waiting.append(Waiting(line: line, size: size, state: state))
    waitingBytes += size
  }

  private mutating func carryOut(_ request: WriteRequest, _ author: Author) throws -> Reply {
    do {
      return try ledger.carryOut(request, by: author).reply
    } catch let error as LedgerError { return reply(to: error, request) }
  }

  /// Prints the oldest answers until only so many wait.
  private mutating func settle(downTo count: Int) throws {
    while waiting.count - first > count {
      let oldest = waiting[first]
      first += 1
      waitingBytes -= oldest.size
      try print(reply(to: oldest.state), oldest.line)
    }
    waiting.removeSubrange(..<first)
    first = 0
  }

  private mutating func reply(to state: Waiting.State) -> Reply {
    switch state {
    case .answered(let reply): return reply
    case .submitted(let request, let outcome):
      switch outcome.wait(for: { $0 }) {
      case .success(let committed):
        let context = ReplyContext(names: Names(ledger.now.state))
        return request.reply(committed.answer, at: committed.position, context)
      case .failure(let error): return reply(to: error, request)
      case nil: return reply(to: .shuttingDown, request)
      }
    }
  }

  private mutating func reply(to error: LedgerError, _ request: WriteRequest) -> Reply {
    if case .refused(let refusal, _) = error { return request.error(refusal).reply }
    if case .tooLarge = error { return WireError(413, error.description).reply }
    failure = failure ?? error
    if case .diskFull = error { return WireError(507, error.description).reply }
    return WireError(503, error.description).reply
  }

  private mutating func print(_ reply: Reply, _ line: Int) throws {
    if reply.status < 300 {
      carriedOut += 1
    } else {
      refused += 1
      firstRefused = firstRefused ?? line
    }
    try console.line(reply.line)
  }

  /// The body of a request, and the path around it.
  static var lineSizeMax: Int { (4 << 20) + (16 << 10) }

  private static var tooLong: WireError {
    WireError(413, "The line is longer than a request may be. Send it in smaller parts.")
  }

  private static var waitingMax: Int { 1_024 }
  private static var waitingBytesMax: Int { 16 << 20 }
}
