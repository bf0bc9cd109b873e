import CohortModel
import CohortWire

/// A command line that was read against the table, with nothing left to be understood.
struct Arguments: Sendable {
  let command: Subcommand
  let operands: [String]
  private let values: [String: [String]]

  /// The values of an option in order; an empty text for each flag.
  func all(_ option: String) -> [String] { values[option] ?? [] }

  func value(_ option: String) -> String? { all(option).last }

  func has(_ flag: String) -> Bool { values[flag] != nil }

  /// An operand by its place; `nil` for an optional one that is not there.
  func operand(_ index: Int) -> String? { index < operands.count ? operands[index] : nil }

  /// Reads the words behind the program's name.
  ///
  /// Options stand anywhere, as `--name VALUE` or `--name=VALUE`; behind `--` every word is an
  /// operand.
  ///
  /// - Throws: ``Failure`` that names the nearest word there is.
  init(_ words: [String], in table: [Subcommand]) throws(Failure) {
    let (command, rest) = try Self.command(of: words, in: table)
    var (operands, values): ([String], [String: [String]]) = ([], [:])
    var words = rest[...]
    while let word = words.popFirst() {
      if word == "--" {
        operands += words
        break
      }
      guard word.utf8.starts(with: "-".utf8), word != "-" else {
        operands.append(word)
        continue
      }
      let (option, attached) = try Self.option(word, of: command)
      let value = try Self.value(of: option, attached, &words, command)
      guard option.isRepeated || values[option.name] == nil else {
        throw .usage("--\(option.name) is given twice. Leave one of them out.")
      }
      values[option.name, default: []].append(value)
    }
    try self.init(command, operands, values)
  }

  private init(
    _ command: Subcommand, _ operands: [String], _ values: [String: [String]]
  ) throws(Failure) {
    self.command = command
    self.operands = operands
    self.values = values
    guard values["help"] == nil else { return }
    let needed = command.operands.filter { !$0.isOptional }
    if operands.count < needed.count {
      let missing = command.operands[operands.count]
      throw .usage("\(missing.name) is missing. Give \(missing.summary).")
    }
    if operands.count > command.operands.count, command.operands.last?.isRepeated != true {
      throw .usage(
        "'\(operands[command.operands.count])' is one word too many for 'cohort \(command.name)'. "
          + "Leave it out, or quote what belongs together.")
    }
    for (operand, given) in zip(command.operands, operands) {
      guard case .oneOf(let choices) = operand.kind, !choices.contains(given) else { continue }
      throw Self.unknown(operand.name, given, choices)
    }
  }

  /// Finds the command that the first words name.
  static func command(
    of words: [String], in table: [Subcommand]
  ) throws(Failure) -> (Subcommand, rest: [String]) {
    guard let first = firstOperand(of: words, valued: ["--storage"]) else {
      throw .usage("No command is given. See 'cohort help'.")
    }
    let subject = words[first]
    let known = table.filter { $0.words[0] == subject }
    let valued = known.flatMap(\.allOptions).filter { $0.value != nil }.map { "--\($0.name)" }
    let second = firstOperand(of: Array(words[(first + 1)...]), valued: Set(valued))
      .map { first + 1 + $0 }
    guard !known.isEmpty else {
      throw unknownCommand(subject, Set(table.map { String($0.words[0]) }).sorted())
    }
    func rest(without places: [Int]) -> [String] {
      words.indices.filter { !places.contains($0) }.map { words[$0] }
    }
    if let second,
      let command = known.first(where: { $0.name == "\(subject) \(words[second])" })
    {
      return (command, rest(without: [first, second]))
    }
    if let command = known.first(where: { $0.words.count == 1 }) {
      return (command, rest(without: [first]))
    }
    let verbs = known.compactMap { $0.words.dropFirst().first.map(String.init) }
    if let second { throw unknown("'cohort \(subject)' command", words[second], verbs) }
    if words.contains("--help") {
      throw .usage("'cohort \(subject)' has several commands. See 'cohort help \(subject)'.")
    }
    throw .usage(
      "'cohort \(subject)' needs a verb. Add one of \(verbs.joined(separator: ", ")).")
  }

  /// The place of the first word that is no option, nor the value of one.
  private static func firstOperand(of words: [String], valued: Set<String>) -> Int? {
    var index = 0
    while index < words.count {
      let word = words[index]
      if word == "--" { return nil }
      guard word.utf8.starts(with: "-".utf8), word != "-" else { return index }
      index += valued.contains(word) ? 2 : 1
    }
    return nil
  }

  private static func option(
    _ word: String, of command: Subcommand
  ) throws(Failure) -> (Option, attached: String?) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = word == "-h" ? "--help" : String(parts[0])
    let options = command.allOptions
    guard let option = options.first(where: { "--\($0.name)" == name }) else {
      throw unknown(
        "option", name, options.map { "--\($0.name)" },
        "Behind '--' a word that begins with a dash is taken as it is.")
    }
    return (option, parts.count == 2 ? String(parts[1]) : nil)
  }

  private static func value(
    of option: Option, _ attached: String?, _ words: inout ArraySlice<String>,
    _ command: Subcommand
  ) throws(Failure) -> String {
    guard let name = option.value else {
      if attached != nil {
        throw .usage("--\(option.name) takes no value. Leave out what stands behind '='.")
      }
      return ""
    }
    guard let value = attached ?? words.popFirst() else {
      throw .usage("--\(option.name) needs \(name) behind it. Give it: \(option.summary).")
    }
    if !option.choices.isEmpty, !option.choices.contains(value) {
      throw unknown("--\(option.name)", value, option.choices)
    }
    return value
  }

  /// What is no command at all is not put down to a slip of the finger.
  private static func unknownCommand(_ word: String, _ known: [String]) -> Failure {
    let nearest = NearestText.nearest(to: word, in: known) ?? ""
    let distance = NearestText.distance(Array(word.utf8), Array(nearest.utf8))
    guard distance <= max(2, word.utf8.count / 2) else {
      return .usage("There is no command '\(word)'. See 'cohort help'.")
    }
    return unknown("command", word, known)
  }

  static func unknown(
    _ kind: String, _ word: String, _ known: [String], _ advice: String? = nil
  ) -> Failure {
    let nearest = NearestText.nearest(to: word, in: known) ?? ""
    let advice = advice.map { " " + $0 } ?? ""
    return .usage("There is no \(kind) '\(word)'. Did you mean '\(nearest)'?\(advice)")
  }
}
