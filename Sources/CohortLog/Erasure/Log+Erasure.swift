import CohortFormat
package import CohortModel
import Synchronization

extension Log {
  /// Destroys personal texts, after the event that names them has become durable.
  ///
  /// Copies go first, whole: torn tails, and snapshots from before the event. Then the texts become
  /// zeros in the log, and these are synced. When this returns, no file of the log holds them any
  /// more; caches of the ledger are its own to clear. When it throws, the erasure is not finished:
  /// do it again, from the beginning. It can be done any number of times.
  ///
  /// - Parameters:
  ///   - texts: In any order. Those that are zero are overwritten too: after a crash, what is read
  ///     need not be what is on the disk.
  ///   - position: Of the event that names them.
  /// - Returns: How many places in the log were zeroed.
  /// - Throws: ``LogError/damaged(_:)`` if a text lies in a frame that cannot be read,
  ///   ``LogError/noSuchText(_:)``, ``LogError/disk(_:)``, ``LogError/outcomeUnknown(_:)``.
  /// - Complexity: One read of each frame concerned, one write for each run of texts, one sync.
  @discardableResult
  package func erase(_ texts: [TextName], namedAt position: Position) throws(LogError) -> Int {
    do throws(DiskError) {
      try folder.deleteTornTails(on: disk)
      try snapshots.forget(before: position)
    } catch { throw .disk(error) }
    let (ranges, count) = try places(of: texts)
    try writer.withLock { (writer) throws(LogError) in
      defer { tell(writer) }
      try mustWrite(writer)
      try checkName(&writer)
      do throws(DiskError) {
        for range in ranges { try disk.writeZeros(to: file.descriptor, in: range) }
      } catch { throw .disk(error) }
      try sync(&writer)
      writer.statistics.textsErased += count
    }
    return count
  }

  /// Where the texts lie in the file; neighbours as one range.
  private func places(of texts: [TextName]) throws(LogError) -> (ranges: [Range<Int>], count: Int) {
    var rest = Array(Set(texts)).sorted()[...]
    var ranges: [Range<Int>] = []
    while let first = rest.first {
      let frame = try reader.frame(containing: first.position)
      let here = rest.prefix { $0.position <= frame.header.lastPosition }
      var entries: [TextName: TextEntry] = [:]
      do {
        for entry in try frame.extent.texts(in: frame.bytes.span, ledger: ledger) {
          entries[entry.name] = entry
        }
      } catch { throw .event(error) }
      for name in here {
        guard let entry = entries[name] else { throw .noSuchText(name) }
        let start = Int(entry.fileOffset)
        if let last = ranges.last, last.upperBound == start {
          ranges[ranges.count - 1] = last.lowerBound..<start + entry.range.count
        } else {
          ranges.append(start..<start + entry.range.count)
        }
      }
      rest = rest.dropFirst(here.count)
    }
    return (ranges, Set(texts).count)
  }
}
