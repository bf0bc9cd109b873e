/// The words of `cohort help`, made from the table.
enum Help {
  /// All commands, a line each.
  static var overview: String {
    let width = CommandTable.all.map { $0.shortUsage.count }.max() ?? 0
    let rows = CommandTable.all.map { "  \($0.shortUsage.padded(to: width))  \($0.summary)" }
    return """
      usage: cohort SUBJECT [VERB] [OPERAND…] [--storage DIR] [--json]

      \(rows.joined(separator: "\n"))

      'cohort help SUBJECT [VERB]' says more, with examples. Data goes to standard output, words to
      standard error. Exit codes: 0 done; 1 refused, not found, or a line of a file refused; 2 the
      command line makes no sense; 3 the log is damaged; 4 the storage cannot be reached or written.
      """
  }

  /// One command: usage, operands, options, notes, examples.
  static func page(of command: Subcommand) -> String {
    let rows =
      command.operands.map { ($0.name, $0.summary) }
      + command.allOptions.map { ($0.text, $0.summary + ($0.isRepeated ? " (repeatable)" : "")) }
    let width = rows.map(\.0.count).max() ?? 0
    var page = ["usage: cohort \(command.usage)", "", "  " + command.summary, ""]
    page += rows.map { "  \($0.0.padded(to: width))  \($0.1)" }
    if !command.notes.isEmpty { page += [""] + command.notes.map { "  " + $0 } }
    page += ["", command.examples.count == 1 ? "example:" : "examples:"]
    page += command.examples.map { "  cohort \($0)" }
    return page.joined(separator: "\n")
  }

  /// The commands that begin with some words.
  static func pages(_ words: [String]) -> String? {
    let found = CommandTable.all.filter { $0.words.starts(with: words.map { Substring($0) }) }
    if found.isEmpty { return nil }
    if found.count == 1 { return page(of: found[0]) }
    return found.map { page(of: $0) }.joined(separator: "\n\n")
  }
}

extension Subcommand {
  /// Its name and operands.
  var shortUsage: String {
    ([name]
      + operands.map {
        ($0.isOptional ? "[\($0.name)]" : $0.name) + ($0.isRepeated ? "…" : "")
      }).joined(separator: " ")
  }

  /// The line behind `usage: cohort`.
  var usage: String {
    ([shortUsage] + options.map { "[\($0.text)]" + ($0.isRepeated ? "…" : "") })
      .joined(separator: " ")
  }
}

extension String {
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}

extension Subcommand {
  static let help = Subcommand(
    "help",
    [
      Operand("SUBJECT", "a command, such as keys", isOptional: true),
      Operand("VERB", "what to do, such as issue", isOptional: true),
    ],
    summary: "Explain the commands, or one of them.",
    examples: ["help", "help keys issue"], besideServer: .apart
  ) { invocation in
    let words = invocation.arguments.operands
    guard !words.isEmpty else {
      try invocation.console.line(Help.overview)
      return .done
    }
    guard let pages = Help.pages(words) else {
      // Says which word is unknown, and the nearest.
      _ = try Arguments(words, in: CommandTable.all)
      throw Failure.usage(
        "There is no command '\(words.joined(separator: " "))'. See 'cohort help'.")
    }
    try invocation.console.line(pages)
    return .done
  }
}
