package import CohortFormat
package import CohortModel
import Glibc
import Synchronization

/// A frame that another ledger has written, as it goes into a copy of its log.
package struct CopiedFrame: Hashable, Sendable {
  package let header: FrameHeader
  /// Of the tree behind it.
  package let root: Digest

  package init(header: FrameHeader, root: Digest) {
    (self.header, self.root) = (header, root)
  }
}

extension Log {
  /// Begins the copy of a log that lives elsewhere: an empty log with that one's header.
  ///
  /// A crash leaves none, or a whole one. What is there already stays.
  package static func beginCopy(
    _ header: FileHeader, in folder: StorageFolder, on disk: any Disk
  ) throws(LogError) {
    try FirstInitialisation.run(header, in: folder, on: disk)?.closed()
  }

  /// Writes frames as another log has them, and makes them durable with one sync.
  ///
  /// Unlike ``append(_:)`` it may leave several frames torn by a power failure: a copy is cut there
  /// and fetched again. Whoever has the log open to read believes frames as before: that which has
  /// another one behind it.
  ///
  /// - Parameters:
  ///   - bytes: From the first byte of the first frame to the last of the last one, gaps included.
  ///   - frames: Those in it, in order; they continue this log and have been verified.
  /// - Throws: As ``append(_:)`` does; of one that failed nothing stays.
  package func append(copies bytes: [UInt8], of frames: [CopiedFrame]) throws(LogError) {
    guard let first = frames.first?.header, let last = frames.last?.header else { return }
    try ensureSpace(through: last.pageEnd)
    try writer.withLock { (writer) throws(LogError) in
      defer { tell(writer) }
      try mustWrite(writer)
      var chains: [FrameChain] = []
      var chain = writer.chain
      for frame in frames {
        do { try chain.accept(frame.header, root: frame.root) } catch {
          preconditionFailure("A copied frame continues the log. \(error)")
        }
        chains.append(chain)
      }
      try checkName(&writer)
      try write(bytes, in: first.fileOffset..<last.fileEnd, until: last.pageEnd, &writer)
      noteTail(Int(last.pageEnd))
      try sync(&writer)
      writer.statistics.framesWritten += frames.count
      writer.statistics.bytesWritten += bytes.count
      writer.chain = chain
      for (frame, chain) in zip(frames, chains) { published.publish(frame.header, behind: chain) }
    }
  }

  /// Writes everything from the frame at `offset` on again, byte by byte the same, and syncs it.
  ///
  /// A process whose sync failed may have left frames in memory only, in pages that the kernel
  /// takes for clean: a sync alone would not write them.
  ///
  /// - Throws: ``LogError/disk(_:)``, also if two looks at the same bytes differ: nothing is
  ///   written then that was misread. ``LogError/outcomeUnknown(_:)``.
  package func rewrite(from offset: UInt64) throws(LogError) {
    try writer.withLock { (writer) throws(LogError) in
      defer { tell(writer) }
      try mustWrite(writer)
      try checkName(&writer)
      var start = Int(offset)
      let end = Int(writer.chain.end)
      do throws(DiskError) {
        while start < end {
          let count = min(end - start, rewrittenMax)
          let bytes = try disk.read(file.descriptor, at: start, count: count)
          if bytes.isEmpty { break }
          guard try disk.read(file.descriptor, at: start, count: count) == bytes else {
            throw DiskError(.read, errno: EIO, path: folder.log)
          }
          try disk.write(bytes, to: file.descriptor, at: start)
          start += bytes.count
        }
      } catch { throw .disk(error) }
      try sync(&writer)
    }
  }

  /// Deletes what recoveries have kept of torn tails: a copy fetches those bytes again.
  package func forgetTornTails() throws(LogError) {
    do throws(DiskError) { try folder.deleteTornTails(on: disk) } catch { throw .disk(error) }
  }

  /// Puts bytes of a text back that a copy has got as zeros, durably.
  ///
  /// - Parameters:
  ///   - bytes: Which open the commitment of the text.
  ///   - offset: Where the text begins in the log.
  /// - Throws: ``LogError/disk(_:)``, ``LogError/outcomeUnknown(_:)``.
  package func mend(_ bytes: [UInt8], at offset: UInt64) throws(LogError) {
    try writer.withLock { (writer) throws(LogError) in
      defer { tell(writer) }
      try mustWrite(writer)
      try checkName(&writer)
      do throws(DiskError) {
        try disk.write(bytes, to: file.descriptor, at: Int(offset))
      } catch { throw .disk(error) }
      try sync(&writer)
    }
  }
}

/// In bytes at a time.
private let rewrittenMax = 1 << 20

extension OwnedFile {
  fileprivate func closed() throws(LogError) {
    do throws(DiskError) { try close() } catch { throw .disk(error) }
  }
}

extension LogFile {
  /// Cuts off what a power failure has left of frames that were copied at once, durably.
  package func cut(at end: UInt64) throws(LogError) {
    try truncate(to: end)
    try sync()
  }
}
