import Foundation
import Testing

@Suite struct `Every source file` {
  static let all = ["Sources", "Tests", "Tools"]

  @Test(arguments: all)
  func `fits into the head: 400 lines of 100 columns`(_ folder: String) throws {
    for file in try House.sources(under: folder) {
      // A last line break ends a line and begins none.
      #expect(file.lines.count - 1 <= 400, "\(file.path) has \(file.lines.count - 1) lines")
      var isInText = false
      for (index, line) in file.lines.enumerated() {
        let quotes = line.split(separator: "\"\"\"", omittingEmptySubsequences: false).count - 1
        if !quotes.isMultiple(of: 2) { isInText.toggle() }
        // Bytes that are drawn, and texts that are compared letter by letter, stay in one piece.
        if isInText || line.contains("\"") || line.contains("├") || line.contains("│") { continue }
        #expect(line.count <= 100, "\(file.path):\(index + 1) has \(line.count) columns")
      }
    }
  }

  @Test(arguments: all)
  func `ends with one line break, and no line with a space`(_ folder: String) throws {
    for file in try House.sources(under: folder) {
      #expect(file.lines.last == "" && file.lines.dropLast().last != "", "\(file.path)")
      for (index, line) in file.lines.enumerated() {
        #expect(line.last != " ", "\(file.path):\(index + 1)")
        #expect(!line.contains("\t") && !line.contains("\r"), "\(file.path):\(index + 1)")
      }
    }
  }

  /// What is found in the code, comments and strings left out, of product and tests alike.
  @Test(arguments: [
    "try!", "as!", "fatalError(", "unowned(unsafe)", "Task.detached",
  ])
  func `does without`(_ word: String) throws {
    for file in try House.sources(under: "Sources", "Tests", "Tools")
    where file.module != "HouseTests" {
      for (index, line) in file.lines.enumerated() {
        #expect(!Self.code(line).contains(word), "\(file.path):\(index + 1)")
      }
    }
  }

  @Test(arguments: ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"])
  func `leaves nothing for later, such as`(_ word: String) throws {
    for file in try House.sources(under: "Sources", "Tests", "Tools") {
      for (index, line) in file.lines.enumerated() {
        let words = line.split { !$0.isLetter }
        #expect(!words.contains { $0 == word }, "\(file.path):\(index + 1)")
      }
    }
  }

  @Test func `proves what it claims of Sendable where it claims it`() throws {
    for file in try House.sources(under: "Sources", "Tests", "Tools")
    where file.module != "HouseTests" {
      for (index, line) in file.lines.enumerated()
      where Self.code(line).contains("@unchecked Sendable")
        || Self.code(line).contains("nonisolated(unsafe)")
      {
        let before = file.lines[max(0, index - 8)..<index]
          .filter { $0.drop { $0 == " " }.hasPrefix("//") }
        let words = before.joined(separator: " ")
        #expect(
          words.contains("because") || words.contains("holds because") || words.contains("proof"),
          "\(file.path):\(index + 1) says nothing in its defence")
      }
    }
  }

  @Test func `has no default for events, so that a new one cannot be forgotten`() throws {
    let events = try Self.eventNames()
    #expect(events.count == 27)
    for file in try House.sources(under: "Sources", "Tools") {
      for (line, cases, hasDefault) in Self.switches(in: file.lines) where hasDefault {
        let named = events.filter { name in cases.contains { $0.contains(".\(name)(") } }
        #expect(named.count < 3, "\(file.path):\(line) has a default for \(named.sorted())")
      }
    }
  }

  private static func eventNames() throws -> Set<String> {
    let text = try House.text("Sources/CohortModel/Events/Event.swift")
    let body = try #require(text.range(of: "public enum Event:"))
    let end = try #require(text.range(of: "\n}\n", range: body.upperBound..<text.endIndex))
    let lines = text[body.upperBound..<end.lowerBound].split(separator: "\n")
    return Set(
      lines.compactMap { line in
        let words = line.split(whereSeparator: { " (".contains($0) })
        return words.count > 1 && words[0] == "case" ? String(words[1]) : nil
      })
  }

  /// Each `switch` with the lines of its own cases, found by their indentation.
  private static func switches(
    in lines: [Substring]
  ) -> [(line: Int, cases: [Substring], hasDefault: Bool)] {
    var found: [(Int, [Substring], Bool)] = []
    for (start, line) in lines.enumerated() where code(line).contains("switch ") {
      guard let first = lines[(start + 1)...].first(where: { !$0.allSatisfy { $0 == " " } }) else {
        continue
      }
      let indent = first.prefix { $0 == " " }
      let rest = lines[(start + 1)...].prefix { $0 != "\(indent)}" }
      let own = rest.filter { $0.hasPrefix("\(indent)case ") || $0.hasPrefix("\(indent)  .") }
      let hasDefault = rest.contains { $0.hasPrefix("\(indent)default:") }
      found.append((start + 1, Array(own), hasDefault))
    }
    return found
  }

  /// A line without its comment and without what stands in its quotes.
  private static func code(_ line: Substring) -> String {
    let code =
      line.drop { $0 == " " }.hasPrefix("//") ? "" : line.split(separator: " // ").first ?? ""
    return code.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset.isMultiple(of: 2) }.map(\.element).joined(separator: "\"\"")
  }
}
