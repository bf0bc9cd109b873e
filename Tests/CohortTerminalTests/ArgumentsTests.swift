import Testing

@testable import cohort

@Suite struct ArgumentsTests {
  private func read(_ words: String...) throws(Failure) -> Arguments {
    try Arguments(words, in: CommandTable.all)
  }

  private func complaint(_ words: String...) -> String? {
    do throws(Failure) {
      _ = try Arguments(words, in: CommandTable.all)
      return nil
    } catch {
      #expect(error.code == .usage)
      return error.message
    }
  }

  @Test func `options stand anywhere, with a space or an equals sign`() throws {
    let lines = [
      ["keys", "issue", "rest", "--label", "x", "--storage", "s", "--json"],
      ["--storage", "s", "keys", "issue", "--json", "rest", "--label=x"],
      ["keys", "--label", "x", "issue", "--storage=s", "--json", "rest"],
      ["--json", "keys", "--storage", "s", "--label=x", "issue", "rest"],
    ]
    for words in lines {
      let arguments = try Arguments(words, in: CommandTable.all)
      #expect(arguments.command.name == "keys issue")
      #expect(arguments.operands == ["rest"])
      #expect(arguments.value("label") == "x")
      #expect(arguments.value("storage") == "s")
      #expect(arguments.has("json"))
      #expect(!arguments.has("all-permissions"))
    }
  }

  @Test func `a repeatable option keeps every value in order`() throws {
    let arguments = try read(
      "keys", "issue", "rest", "--permission", "b", "--permission=a", "--permission", "c=d")
    #expect(arguments.all("permission") == ["b", "a", "c=d"])
  }

  @Test func `behind two dashes every word is an operand`() throws {
    let arguments = try read("users", "show", "--", "--json")
    #expect(arguments.operands == ["--json"])
    #expect(!arguments.has("json"))
  }

  @Test func `a single dash is an operand`() throws {
    #expect(try read("import", "-").operands == ["-"])
  }

  @Test func `help needs no operands`() throws {
    #expect(try read("members", "--help").has("help"))
    #expect(try read("members", "-h").has("help"))
  }

  @Test func `each letter wrong in a command or option still suggests it`() throws {
    for command in CommandTable.all where command.words.count == 2 {
      let (subject, verb) = (String(command.words[0]), String(command.words[1]))
      let message = try #require(complaint(subject, verb + "x"))
      #expect(message.contains("Did you mean '\(verb)'?"), "\(message)")
    }
    for command in CommandTable.all {
      let words = command.words.map(String.init)
      for option in command.allOptions {
        let message = try #require(complaintOf(words + ["--" + option.name + "x"]))
        #expect(message.contains("Did you mean '--\(option.name)'?"), "\(message)")
      }
    }
  }

  private func complaintOf(_ words: [String]) -> String? {
    do throws(Failure) {
      _ = try Arguments(words, in: CommandTable.all)
      return nil
    } catch { return error.message }
  }

  @Test func `what is far from every command gets no suggestion`() {
    #expect(complaint("frobnicate") == "There is no command 'frobnicate'. See 'cohort help'.")
  }

  @Test func `every message about a command line has two sentences`() {
    let messages = [
      complaint(), complaint("keys"), complaint("keys", "--help"), complaint("keys", "issue"),
      complaint("keys", "issue", "rest", "x"), complaint("keys", "issue", "x"),
      complaint("keys", "issue", "rest", "--label"), complaint("members", "a/b", "--json=1"),
      complaint("keys", "issue", "rest", "--label", "a", "--label", "b"), complaint("x"),
      complaint("members", "a/b", "--identity", "x"), complaint("members", "a/b", "--identiti"),
    ]
    for message in messages {
      let sentences = (message ?? "").split(whereSeparator: { ".?".contains($0) })
      #expect(sentences.count >= 2, "\(message ?? "nothing is said")")
    }
  }
}
