import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel
import CohortServer
import CohortThreads
import CohortWire
import Glibc

extension Subcommand {
  static let serve = Subcommand(
    "serve", [],
    [
      Option(
        "listen", "ADDRESS", "where to listen, such as 127.0.0.1:8080 (default) or [::1]:0",
        isRepeated: true),
      Option("rate-limit", "N", "partner requests an hour; without it, any number"),
      Option(
        "trusted-proxy", "CIDR", "whose X-Forwarded-For is believed, such as 10.0.0.0/8",
        isRepeated: true),
      Option(
        "read-only", nil, "answer questions, beside a process that writes, and take no writes"),
      Option(
        "accept-loss", nil,
        "of a replica: take the leader's place although it had acknowledged more"),
      Option("access-log", "FILE", "a file for the access log; without it, standard error"),
    ],
    summary: "Serve the ledger over HTTP.",
    notes: [
      "The first line on standard output is 'listening on http://HOST:PORT'; port 0 takes any.",
      "A line on standard error is a link that signs in to the console, once and in 10 minutes.",
      "SIGTERM and SIGINT finish what has begun, a second one ends at once; SIGHUP opens the",
      "access log anew. TLS is for a proxy in front; only it should reach other addresses.",
      "In the folder of a replica it takes the leader's place, unless it is --read-only.",
    ],
    examples: ["serve", "serve --listen 127.0.0.1:0 --rate-limit 250000"],
    besideServer: .apart
  ) { invocation in
    let options = try ServeOptions(invocation)
    // Before there is any other thread: all of them leave these signals to this one.
    let signals = Signals([SIGTERM, SIGINT, SIGHUP])
    let ledger = try options.open(invocation.console)
    defer { try? ledger.close() }
    let log: AccessLog
    do throws(AccessLog.Unopened) { log = try AccessLog(path: options.accessLog) } catch {
      if case .noThread(let failure) = error { throw failure }
      throw Failure(.refused, error.description)
    }
    defer { log.end() }
    let sessions = Sessions()
    let control = try options.control(ledger, sessions)
    defer { control?.stop() }
    // Before anybody is told where to connect: without a thread for these nothing is served.
    let follower =
      options.isReadOnly
      ? try Follower(ledger) { Console().say("warning: \($0)".harmless) } : nil
    defer { follower?.end() }
    let scrubbing = try Scrubbing(ledger) { finding in
      Console().say("warning: \(finding.readable)".harmless)
    }
    defer { scrubbing.end() }
    let server: HTTPServer
    do throws(ListenError) {
      server = try options.start(ledger, log, sessions, invocation.console)
    } catch {
      if case .thread(let failure) = error { throw failure }
      throw Failure(.refused, error.description)
    }
    // A server that nobody listens to at its start serves all the same.
    try? invocation.console.flush()
    if let link = sessions.link() { invocation.console.say("console: \(link)") }
    while signals.wait() == SIGHUP { log.reopen() }
    // Whoever asks a second time does not want to wait.
    do throws(ThreadFailure) {
      _ = try Thread("second-signal") {
        while true {
          let signal = signals.wait()
          if signal != SIGHUP { _exit(128 + signal) }
        }
      }
    } catch { signals.release() }
    // Feeds end now, rather than when the time is over.
    ledger.endWatching()
    server.stop(withinMilliseconds: ServeOptions.graceMilliseconds)
    control?.stop()
    // Whoever stops the server learns from its exit code that the disk has not taken everything.
    try ledger.close()
    return .done
  }
}

/// What the command line says about a server.
private struct ServeOptions {
  let storage: String
  let addresses: [ListenAddress]
  let settings: ServiceSettings
  let accessLog: String?
  let isReadOnly: Bool
  let acceptsLoss: Bool

  /// How long requests that have begun may take when the server is stopped.
  static let graceMilliseconds = 10_000

  init(_ invocation: Invocation) throws {
    let arguments = invocation.arguments
    storage = try invocation.storage()
    accessLog = arguments.value("access-log")
    isReadOnly = arguments.has("read-only")
    acceptsLoss = arguments.has("accept-loss")
    let given = arguments.all("listen")
    do throws(ListenError) {
      var addresses: [ListenAddress] = []
      for text in given.isEmpty ? ["127.0.0.1:8080"] : given {
        addresses.append(try ListenAddress(text))
      }
      self.addresses = addresses
    } catch { throw Failure.usage("--listen: \(error.description)") }
    var settings = ServiceSettings()
    for text in arguments.all("trusted-proxy") {
      guard let network = Network(text) else {
        throw Failure.usage(
          "'\(text)' is no network. Write it as in 10.0.0.0/8 or 2001:db8::/32.")
      }
      settings.trustedProxies.append(network)
    }
    if let text = arguments.value("rate-limit") {
      guard let limit = Int(text), limit > 0 else {
        throw Failure.usage("--rate-limit '\(text)' is no limit. Give a number from 1.")
      }
      settings.rateLimit = limit
    }
    self.settings = settings
  }

  /// Opens the ledger; on a damaged log it is served up to the damage.
  func open(_ console: Console) throws -> Ledger {
    if isReadOnly { return try StorageFinder.openToRead(storage) }
    let (ledger, promotion) = try Ledger.openToWrite(
      storage, acceptsLoss: acceptsLoss, on: PosixDisk(), clock: SystemClock(),
      random: SystemRandomSource())
    if let promotion {
      let lost = promotion.lost > 0 ? " \(promotion.lost) acknowledged events are given up." : ""
      console.say(
        """
        This was a replica of \(promotion.leader), and takes its place behind \
        \(promotion.position).\(lost) The leader was last heard at \(promotion.heard.rfc3339): what \
        it has acknowledged since is not known here. See to it that it is stopped.
        """.harmless)
    }
    return ledger
  }

  /// Lets terminals work through this process; `nil` where each opens the ledger for itself.
  func control(_ ledger: Ledger, _ sessions: Sessions) throws -> ControlServer? {
    guard case .writable = ledger.report.condition else { return nil }
    let control = ControlServer(folder: storage, ledger: ledger, sessions: sessions)
    try control.start()
    return control
  }

  /// Begins to serve, and says where.
  func start(
    _ ledger: Ledger, _ log: AccessLog, _ sessions: Sessions, _ console: Console
  ) throws(ListenError) -> HTTPServer {
    var settings = settings
    let counters = HTTPCounterSource()
    settings.counters = { counters.metrics }
    let service = Service(ledger, settings, accessLog: log, sessions: sessions)
    var limits = HTTPSettings()
    limits.fit(descriptors: DescriptorLimit.raise())
    let server = try HTTPServer(service, limits)
    counters.attach(server)
    let bound = try server.listen(on: addresses)
    for address in bound { try? console.line("listening on http://\(address)") }
    if let first = bound.first { sessions.serve(at: "http://\(first.fromHere)") }
    if ledger.report.isNew { console.say("A new ledger was begun in '\(storage)'.".harmless) }
    if let warning = StorageFinder.warning(of: ledger) { console.say(warning) }
    for address in bound where !address.isLoopback {
      console.say(
        "warning: \(address) can be reached from other machines, and speaks plain HTTP. "
          + "Let a proxy in front of it speak TLS.")
    }
    return server
  }
}

/// Signals that one thread waits for, and no other is interrupted by.
struct Signals: Sendable {
  private let numbers: [Int32]

  /// Blocks them in this thread and in all that it starts.
  init(_ numbers: [Int32]) {
    self.numbers = numbers
    var set = Self.set(numbers)
    _ = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Lets them do in this thread what they do by themselves: end the process.
  func release() {
    var set = Self.set(numbers)
    _ = unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  /// Waits for the next one.
  func wait() -> Int32 {
    var set = Self.set(numbers)
    var number: Int32 = 0
    while unsafe sigwait(&set, &number) != 0 {}
    return number
  }

  private static func set(_ numbers: [Int32]) -> sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in numbers { unsafe sigaddset(&set, number) }
    return set
  }
}
