import Testing

@testable import cohort

@Suite struct CommandTableTests {
  @Test func `no two commands and no two options of one have the same name`() {
    let names = CommandTable.all.map(\.name)
    #expect(Set(names).count == names.count)
    for command in CommandTable.all {
      let options = command.allOptions.map(\.name)
      #expect(Set(options).count == options.count, "\(command.name)")
    }
  }

  @Test func `a command is one or two words, and optional operands stand last`() {
    for command in CommandTable.all {
      #expect((1...2).contains(command.words.count), "\(command.name)")
      let firstOptional = command.operands.firstIndex { $0.isOptional } ?? command.operands.count
      let areLast = command.operands[firstOptional...].allSatisfy { $0.isOptional }
      #expect(areLast, "\(command.name)")
    }
  }

  @Test func `every command explains itself, with examples that it understands`() throws {
    for command in CommandTable.all {
      let page = Help.page(of: command)
      #expect(page.hasPrefix("usage: cohort \(command.name)"))
      #expect(page.contains(command.summary))
      #expect(!command.examples.isEmpty, "\(command.name)")
      for example in command.examples {
        let line = example.split(separator: " < ")[0].split(separator: " > ")[0]
        let words = line.split(separator: " ").map(String.init)
        let arguments = try Arguments(words, in: CommandTable.all)
        #expect(arguments.command.name == command.name, "\(example)")
      }
      for option in command.allOptions { #expect(page.contains(option.text)) }
      for operand in command.operands { #expect(page.contains(operand.summary)) }
    }
  }

  @Test func `the overview has every command, in lines that fit a page`() {
    for command in CommandTable.all { #expect(Help.overview.contains(command.summary)) }
    for line in Help.overview.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    for command in CommandTable.all {
      #expect(command.summary.hasSuffix("."), "\(command.name)")
    }
  }

  @Test func `every subject has a page of help`() {
    for command in CommandTable.all {
      #expect(Help.pages([String(command.words[0])])?.contains(command.summary) == true)
      #expect(Help.pages(command.words.map(String.init))?.contains(command.summary) == true)
    }
    #expect(Help.pages(["nothing"]) == nil)
  }

  @Test(arguments: [Completion.bash, Completion.zsh, Completion.fish])
  func `completion knows every command and option`(script: String) {
    for command in CommandTable.all {
      for word in command.words { #expect(script.contains(word), "\(command.name)") }
      for option in command.options { #expect(script.contains(option.name), "\(option.name)") }
    }
  }
}
