/// What a command says to the program that started it.
///
/// CONTRACT part 4.
enum ExitCode: Int32, Sendable {
  case done = 0
  /// Refused, not found, or any line of a file was refused.
  case refused = 1
  /// The command line makes no sense.
  case usage = 2
  /// The log is damaged.
  case damage = 3
  /// The storage cannot be reached or written; trying later may help.
  case storage = 4
}

/// Why a command ends early: two sentences, and what to tell the caller.
struct Failure: Error {
  let code: ExitCode
  let message: String

  init(_ code: ExitCode, _ message: String) {
    self.code = code
    self.message = message
  }

  static func usage(_ message: String) -> Failure { Failure(.usage, message) }
}

/// Nobody reads the output any more, as when it goes to `head`.
///
/// Nothing is said about it.
struct OutputClosed: Error {}
