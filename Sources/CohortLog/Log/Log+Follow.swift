package import CohortFormat
package import CohortModel

// Following a log that another process writes. It was opened to be read; nothing is ever written.

extension Log {
  /// Frames that another process has written since, in order, whole and believed.
  package struct Growth: Sendable {
    fileprivate var frames: [(header: FrameHeader, chain: FrameChain)] = []

    package var isEmpty: Bool { frames.isEmpty }
    /// The root of the tree behind the last of them.
    package var root: Digest? { frames.last?.chain.root }
  }

  /// Whether some process has the log open to write, as far as the note beside it says.
  ///
  /// After a crash of the writer it still says so. To a replica somebody always writes: its leader.
  package var mayBeWritten: Bool {
    do {
      return try disk.identity(at: folder.lockNote) != nil || isReplica
    } catch { return true }
  }

  /// Whether this is the copy of a ledger that lives elsewhere.
  package var isReplica: Bool {
    do { return try disk.identity(at: folder.file(ReplicaNote.name)) != nil } catch { return false }
  }

  /// Looks at what stands behind the last frame that readers see.
  ///
  /// As at a start, a frame is believed only when another one or a seal stands behind it: of the
  /// last one nobody knows whether it is durable.
  ///
  /// - `visit`: Is handed each of them, seals too, in order.
  /// - Returns: To be published when the state stands behind it.
  /// - Throws: ``LogError/replaced(path:)`` if the file is another one by now,
  ///   ``LogError/disk(_:)``, and what `visit` threw.
  package func growth(
    _ visit: (FrameExtent, Span<UInt8>) throws(LogError) -> Void = { _, _ throws(LogError) in }
  ) throws(LogError) -> Growth {
    do {
      guard try disk.identity(at: folder.log) == disk.identity(of: file.descriptor) else {
        throw LogError.replaced(path: folder.log)
      }
      var growth = Growth()
      // What is new is short; most often there is nothing.
      let window = LogWindow(
        file.descriptor, on: disk, readSize: min(options.readSize, 256 << 10))
      var scan = LogScan(window, from: chain, of: ledger)
      while case .frame(let frame) = try scan.next() {
        guard frame.header.kind == .seal || scan.isFollowed else { break }
        try visit(frame, scan.window.bytes.span)
        growth.frames.append((frame.header, scan.chain))
      }
      return growth
    } catch { throw LogError(error) }
  }

  /// Lets readers see what has been looked at.
  package func publish(_ growth: Growth) {
    for (header, chain) in growth.frames { published.publish(header, behind: chain) }
  }
}
