import CohortLog
import Glibc

/// The outermost step: a command line in, an exit code out.
struct Terminal {
  let console: Console

  init(_ console: Console) { self.console = console }

  /// Carries out a command line; `nil` stands for one that is not UTF-8.
  func run(_ words: [String]?) -> ExitCode {
    // Whoever stops reading, as `head` does, ends the command quietly and not by a signal.
    _ = signal(SIGPIPE, SIG_IGN)
    PosixDisk.ignoreSignals()
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
    let invocation = Invocation(arguments: arguments, console: console)
    try invocation.check()
    return try arguments.command.run(invocation)
  }
}

enum Version {
  static let text = "1.0.0"
}
