import Foundation
import Testing

/// All errors that people and programs can meet, each with its message, on one page.
///
/// That is `Tests/HouseTests/ErrorGallery.txt`. Read it when you change one.
@Suite struct `The error gallery` {
  private static let page = "Tests/HouseTests/ErrorGallery.txt"

  @Test func `shows every message as it is`() throws {
    var lines = [
      "What goes wrong, and what the ledger says then. Made and compared by a test.", "",
    ]
    for room in try gallery() {
      lines.append(room.type)
      for entry in room.entries { lines += ["  \(entry.name)", "    \(entry.message)"] }
      lines.append("")
    }
    let text = lines.joined(separator: "\n")
    if ProcessInfo.processInfo.environment["WRITE_ERROR_GALLERY"] != nil {
      try text.write(to: House.root.appending(path: Self.page), atomically: true, encoding: .utf8)
    }
    let shown = try House.text(Self.page).split(separator: "\n", omittingEmptySubsequences: false)
    for (shown, found) in zip(shown, lines) { #expect(shown == found) }
    #expect(
      shown.count == lines.count, "run the test with WRITE_ERROR_GALLERY=1 and look at the change")
  }

  @Test func `shows every case of every error`() throws {
    for room in try gallery() {
      guard let file = room.file else { continue }
      let cases = try Self.cases(of: room.type, in: file)
      #expect(cases.count > 2)
      let shown = Set(room.entries.map { String($0.name.prefix { $0 != " " }) })
      #expect(cases.subtracting(shown).isEmpty, "\(room.type) lacks an entry")
      #expect(shown.subtracting(cases).isEmpty, "\(room.type) has an entry too many")
    }
  }

  @Test func `says what is so, and what to do about it`() throws {
    for room in try gallery() where room.manner == .sentences {
      for entry in room.entries {
        let sentences = entry.message.split(separator: ". ")
        #expect((2...4).contains(sentences.count), "\(room.type), \(entry.name): \(entry.message)")
        #expect(entry.message.last == ".", "\(room.type), \(entry.name): \(entry.message)")
        // The first may begin with what somebody has typed.
        for sentence in sentences.dropFirst() {
          let first = sentence.first ?? " "
          #expect(
            first.isUppercase || first == "'" || first.isNumber || sentence.hasPrefix("events.log"),
            "\(room.type), \(entry.name): \(sentence)")
        }
      }
    }
  }

  @Test func `has no loose ends`() throws {
    for room in try gallery() {
      #expect(Set(room.entries.map(\.name)).count == room.entries.count, "\(room.type)")
      for entry in room.entries {
        let message = entry.message
        #expect(!message.isEmpty && message.first != " " && message.last != " ", "\(entry.name)")
        for junk in ["  ", "\n", "..", " .", " ,", "nil", "Optional(", "()", "!"] {
          #expect(!message.contains(junk), "\(room.type), \(entry.name): \(message)")
        }
      }
    }
  }

  /// The names of the cases of an enumeration of errors, or of its `Reason`.
  private static func cases(of type: String, in file: String) throws -> Set<String> {
    let lines = try House.text(file).split(separator: "\n", omittingEmptySubsequences: false)
    let start =
      lines.firstIndex { $0.contains("enum \(type):") }
      ?? lines.firstIndex { $0.contains("enum Reason:") }
    let first = try #require(start)
    let indent = String(lines[first].prefix { $0 == " " })
    var names: Set<String> = []
    for line in lines[(first + 1)...] {
      if line == "\(indent)}" { break }
      guard line.hasPrefix("\(indent)  case ") else { continue }
      var (name, depth) = ("", 0)
      for letter in line.dropFirst(indent.count + 7) + "," {
        if letter == "(" { depth += 1 }
        if depth == 0, letter == "," {
          names.insert(name)
          name = ""
        } else if depth == 0, letter != " ", letter != ")" {
          name.append(letter)
        }
        if letter == ")" { depth -= 1 }
      }
    }
    return names
  }
}
