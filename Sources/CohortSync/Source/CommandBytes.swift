/// What a command prints: a client of a database, as `psql --csv` or `sqlite3 -csv -header`.
///
/// What it says on standard error is passed on as it is. When nobody reads any more, it is ended.
package final class CommandBytes: SourceBytes {
  private let name: String
  private let program: Program
  private let output: Descriptor

  package init(
    _ words: [String], in folder: String, withholding withheld: Set<String>
  ) throws(SourceError) {
    name = words[0]
    do throws(FileFailure) {
      let pipe = try Pipe()
      program = try Program(
        words, in: folder, withholding: withheld, Program.Streams(output: pipe.writing))
      output = pipe.reading
    } catch { throw .notStarted(program: words[0], reason: error.words) }
  }

  package var expected: Int? { nil }

  package func chunk() throws(SourceError) -> [UInt8] {
    do throws(FileFailure) { return try output.read() } catch {
      throw .unreadable(path: name, reason: error.words)
    }
  }

  package func confirm() throws(SourceError) {
    switch program.wait() {
    case .code(0): return
    case .code(let code): throw .failed(program: name, code: code)
    case .signal(let signal): throw .killed(program: name, signal: signal)
    }
  }
}
