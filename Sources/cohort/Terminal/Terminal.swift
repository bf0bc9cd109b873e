import CohortLog
import Glibc

/// The outermost step: a command line in, an exit code out.
struct Terminal {
  let console: Console
  private let place: Place

  init(_ console: Console, _ place: Place = .own) { (self.console, self.place) = (console, place) }

  /// Prepares a process for commands; to be called once, before any file is opened.
  static func prepareProcess() {
    // Whoever stops reading, as `head` does, ends the command quietly and not by a signal.
    _ = signal(SIGPIPE, SIG_IGN)
    PosixDisk.ignoreSignals()
    // A core dump would hold keys, and whatever is personal. Who needs one raises the limit again,
    // with prlimit.
    var limit = rlimit()
    let core = __rlimit_resource_t(RLIMIT_CORE.rawValue)
    if unsafe getrlimit(core, &limit) == 0 {
      limit.rlim_cur = 0
      _ = unsafe setrlimit(core, &limit)
    }
    // A file must never get the number of a standard stream that was closed: words would be written
    // into it. What takes the place fails as the closed stream does.
    for (number, mode) in [(0, O_WRONLY), (1, O_RDONLY), (2, O_RDONLY)] as [(Int32, Int32)]
    where fcntl(number, F_GETFD) < 0 {
      _ = unsafe open("/dev/null", mode)
    }
  }

  /// Carries out a command line; `nil` stands for one that is not UTF-8.
  ///
  /// Changes nothing of the process: a server carries out many at once.
  func carryOut(_ words: [String]?) -> ExitCode {
    do {
      guard let words else {
        throw Failure.usage("A word of the command line is not UTF-8. Give texts in UTF-8.")
      }
      let code = try answer(words)
      try console.flush()
      return console.hasFoundDamage ? .damage : code
    } catch is OutputClosed {
      return .refused
    } catch {
      let failure = Failure(error)
      try? console.flush()
      console.say("cohort: \(failure.message)".harmless)
      return console.hasFoundDamage ? .damage : failure.code
    }
  }

  private func answer(_ words: [String]) throws -> ExitCode {
    if words.isEmpty {
      console.say(Help.overview)
      return .usage
    }
    if words == ["--version"] {
      try console.line("cohort \(Version.text)")
      return .done
    }
    if words == ["--help"] || words == ["-h"] {
      try console.line(Help.overview)
      return .done
    }
    let arguments: Arguments
    do throws(Failure) {
      arguments = try Arguments(words, in: CommandTable.all)
    } catch {
      console.say("cohort: \(error.message)".harmless)
      if let (command, _) = try? Arguments.command(of: words, in: CommandTable.all) {
        console.say("usage: cohort \(command.usage)")
      }
      return error.code
    }
    if arguments.has("help") {
      try console.line(Help.page(of: arguments.command))
      return .done
    }
    let invocation = Invocation(arguments: arguments, console: console, place: place)
    try invocation.check()
    switch (place, arguments.command.besideServer) {
    case (.own, .apart), (.server, .inServer), (.server, .onlyInServer): break
    case (.own, .inServer):
      let isApart = arguments.command.apartWith.map { arguments.has($0) } ?? false
      if !isApart, let code = try invocation.askServer(words) { return code }
    case (.own, .onlyInServer):
      if let code = try invocation.askServer(words) { return code }
      throw Failure(
        .refused,
        "No server has the ledger in '\(try invocation.storage())' open. "
          + "Start one with 'cohort serve'.")
    case (.own, .never): try invocation.expectNoServer()
    case (.server, .apart), (.server, .never):
      throw Failure(
        .refused,
        "'cohort \(arguments.command.name)' is not for a server to do. "
          + "Use the program that the server was started with.")
    }
    return try arguments.command.run(invocation)
  }
}

enum Version {
  static let text = "1.0.0"
}
