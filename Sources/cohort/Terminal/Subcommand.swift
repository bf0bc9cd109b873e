/// One row of the table of commands: all that help, completion and the reader of arguments know.
struct Subcommand: Sendable {
  /// Such as `keys issue`.
  let name: String
  let operands: [Operand]
  let options: [Option]
  let summary: String
  /// What more there is to know, a line each.
  let notes: [String]
  /// Whole command lines, without `cohort`.
  let examples: [String]
  /// What becomes of it while a server has the ledger open.
  let besideServer: BesideServer
  /// An option with which it never runs in the server: that one has no environment of the caller's.
  let apartWith: String?
  let run: @Sendable (Invocation) throws -> ExitCode

  init(
    _ name: String, _ operands: [Operand] = [], _ options: [Option] = [], summary: String,
    notes: [String] = [], examples: [String], besideServer: BesideServer = .inServer,
    apartWith: String? = nil,
    run: @escaping @Sendable (Invocation) throws -> ExitCode
  ) {
    self.name = name
    self.operands = operands
    self.options = options
    self.summary = summary
    self.notes = notes
    self.examples = examples
    self.besideServer = besideServer
    self.apartWith = apartWith
    self.run = run
  }

  var words: [Substring] { name.split(separator: " ") }

  /// Its own options and those of every command.
  var allOptions: [Option] { options + Option.common }
}

/// A word that a command needs in its place.
struct Operand: Sendable {
  enum Kind: Sendable { case text, file, folder, oneOf([String]) }

  /// In capitals, as in `usage:` lines.
  let name: String
  let summary: String
  let kind: Kind
  let isOptional: Bool
  /// Whether any number may stand in its place; only the last one of a command.
  let isRepeated: Bool

  init(
    _ name: String, _ summary: String, _ kind: Kind = .text, isOptional: Bool = false,
    isRepeated: Bool = false
  ) {
    self.name = name
    self.summary = summary
    self.kind = kind
    self.isOptional = isOptional
    self.isRepeated = isRepeated
  }
}

/// Something that begins with two dashes.
struct Option: Sendable {
  let name: String
  /// What stands behind it, in capitals; `nil` for a flag.
  let value: String?
  let summary: String
  let isRepeated: Bool
  let choices: [String]

  init(
    _ name: String, _ value: String? = nil, _ summary: String, isRepeated: Bool = false,
    choices: [String] = []
  ) {
    self.name = name
    self.value = value
    self.summary = summary
    self.isRepeated = isRepeated
    self.choices = choices
  }

  var text: String { "--\(name)" + (value.map { " \($0)" } ?? "") }
}

extension Option {
  static let storage = Option(
    "storage", "DIR", "the ledger's folder; inside a checkout Storage/ledger")
  static let json = Option("json", nil, "print one JSON value, for programs")
  static let help = Option("help", nil, "print this help")
  static let common = [storage, json, help]

  static let asOf = Option(
    "as-of", "MOMENT", "a position such as 41, or a time such as 2026-11-21T00:41:59Z")
  static let at = Option("at", "TIME", "where time leaves stand; repeats an answer exactly")
  static let identity = Option(
    "identity", "WHEN", "whose identifiers count: then (default) or now",
    choices: ["then", "now"])
  static let definition = Option(
    "definition", "WHEN", "which version of a segment counts: then (default) or now",
    choices: ["then", "now"])
}

extension Operand {
  static let cohort = Operand("COHORT", "partner/cohort_id, such as hightouch/vip")
  static let user = Operand(
    "USER", "external_id:X, alias:LABEL:NAME, device:ID, user:N, or an external id as it is")
  static func file(_ what: String) -> Operand {
    Operand("FILE", "\(what); '-' is standard input", .file)
  }
}
