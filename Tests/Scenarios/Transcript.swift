/// A session at a terminal as a text file.
///
///     # Words for the reader.
///     = users.csv              a file in the session's folder, its lines behind bars
///     | external_id
///     | ana
///     $ cohort users import users.csv
///     created 1                standard output, a line each
///     ! A word to the watcher  standard error
///     ? 1                      the exit code, if it is not 0
///
/// In expected lines `<time>`, `<number>`, `<digest>`, `<secret>` and `<any>` stand for such texts;
/// `<KEY=secret>` keeps what stood there, and `$KEY` in later files and commands is that text.
struct Transcript {
  enum Step {
    case file(name: String, lines: [String])
    case command(Command)
  }

  struct Command {
    let line: Int
    let text: String
    var output: [String] = []
    var words: [String] = []
    var code: Int32 = 0
  }

  private(set) var steps: [Step] = []

  init(_ text: String) throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let rest = String(line.dropFirst(2))
      switch line.prefix(2) {
      case "$ ": steps.append(.command(Command(line: index + 1, text: rest)))
      case "= ": steps.append(.file(name: rest, lines: []))
      case "| ", "|": try changeFile { $0.append(rest) }
      case "! ": try changeCommand { $0.words.append(rest) }
      case "? ": try changeCommand { $0.code = Int32(rest) ?? -1 }
      case "# ", "#", "": break
      default: try changeCommand { $0.output.append(String(line)) }
      }
    }
  }

  struct Malformed: Error { let step: Int }

  private mutating func changeFile(_ change: (inout [String]) -> Void) throws {
    guard case .file(let name, var lines) = steps.last else {
      throw Malformed(step: steps.count)
    }
    change(&lines)
    steps[steps.count - 1] = .file(name: name, lines: lines)
  }

  private mutating func changeCommand(_ change: (inout Command) -> Void) throws {
    guard case .command(var command) = steps.last else { throw Malformed(step: steps.count) }
    change(&command)
    steps[steps.count - 1] = .command(command)
  }
}

/// What a session has learned: the texts that stood where an expected line names one.
struct Learned {
  private var texts: [String: String] = [:]

  /// Puts known texts in place of `$NAME`.
  func filled(_ text: String) -> String {
    texts.sorted { $0.key.count > $1.key.count }
      .reduce(text) { $0.replacing("$\($1.key)", with: $1.value) }
  }

  /// Whether a line is as expected; what it names is learned.
  mutating func accepts(_ line: String, as expected: String) -> Bool {
    var found: [String: String] = [:]
    guard matches(Substring(line), Substring(filled(expected)), &found) else { return false }
    texts.merge(found) { $1 }
    return true
  }

  private func matches(
    _ line: Substring, _ expected: Substring, _ found: inout [String: String]
  ) -> Bool {
    guard let open = expected.firstIndex(of: "<"),
      let close = expected[open...].firstIndex(of: ">"),
      let kind = Kind(expected[expected.index(after: open)..<close])
    else { return line == expected }
    guard line.hasPrefix(expected[..<open]) else { return false }
    let rest = line.dropFirst(expected[..<open].count)
    let tail = expected[expected.index(after: close)...]
    // The longest text first; none of them is long.
    let longest = rest.prefix(while: kind.admits)
    for end in longest.indices.reversed() {
      let text = longest[...end]
      if kind.isWhole(text), matches(rest[text.endIndex...], tail, &found) {
        if let name = kind.name { found[name] = String(text) }
        return true
      }
    }
    return false
  }

  private struct Kind {
    let name: String?
    let noun: Substring

    init?(_ text: Substring) {
      let parts = text.split(separator: "=")
      guard let noun = parts.last, parts.count <= 2,
        ["time", "number", "digest", "secret", "any"].contains(noun)
      else { return nil }
      self.noun = noun
      name = parts.count == 2 ? String(parts[0]) : nil
    }

    func admits(_ letter: Character) -> Bool {
      switch noun {
      case "time": letter.isNumber || "-:.TZ".contains(letter)
      case "number": letter.isNumber
      case "digest": letter.isHexDigit
      case "secret": letter.isLetter || letter.isNumber || letter == "-" || letter == "_"
      default: true
      }
    }

    func isWhole(_ text: Substring) -> Bool {
      switch noun {
      case "time": text.count >= 20 && text.hasSuffix("Z")
      case "digest": text.count == 64 || text.count == 32
      case "secret": text.count >= 40
      default: true
      }
    }
  }
}
