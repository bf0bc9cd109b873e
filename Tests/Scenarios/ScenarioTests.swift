import CohortLog
import TestSupport
import Testing

/// Every transcript, played against the built program in a folder of its own.
@Suite struct ScenarioTests {
  @Test(arguments: try Folders.names())
  func `the program answers as its transcript says`(name: String) throws {
    let session = try Session()
    var learned = Learned()
    for step in try Transcript(Folders.read(Folders.transcripts + "/" + name)).steps {
      switch step {
      case .file(let name, let lines):
        try session.write(name, lines.map { learned.filled($0) + "\n" }.joined())
      case .command(let command):
        let run = try session.run(learned.filled(command.text))
        let place = "\(name):\(command.line)"
        #expect(run.code == command.code, "\(place): \(run.words)")
        expect(run.output, command.output, &learned, "\(place), standard output")
        expect(run.words, command.words, &learned, "\(place), standard error")
      }
    }
  }

  private func expect(
    _ lines: [String], _ expected: [String], _ learned: inout Learned, _ place: String
  ) {
    // A transcript has blank lines where they are easy to read.
    let (lines, expected) = (lines.filter { !$0.isEmpty }, expected.filter { !$0.isEmpty })
    #expect(lines.count == expected.count, "\(place): \(lines.joined(separator: "\n"))")
    for (line, expected) in zip(lines, expected) {
      let isAccepted = learned.accepts(line, as: expected)
      #expect(isAccepted, "\(place): \(line) is not \(expected)")
    }
  }
}
