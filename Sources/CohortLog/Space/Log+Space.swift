import CohortFormat
import Synchronization

extension Log {
  /// Makes sure that everything up to `offset` can be written without running out of space.
  ///
  /// To be called before anything is decided, with the end of the frame that is open or on its way
  /// plus what the next one may take. Another frame may be on its way meanwhile.
  ///
  /// - Parameters:
  ///   - offset: In bytes from the start of the log.
  ///   - purpose: Requests leave the ballast alone; housekeeping may use it up.
  /// - Throws: ``LogError/diskFull(path:)``: nothing has changed, and the next call may succeed.
  ///   ``LogError/notWritten(_:)``; ``LogError/stopped`` and its like if nothing is written at all.
  /// - Complexity: O(1) as a rule; else it waits for the frame on its way and writes zeros.
  package func ensureSpace(
    through offset: UInt64, for purpose: SpacePurpose = .request
  ) throws(LogError) {
    if hasSpace(through: offset, for: purpose) { return }
    let wanted = end(wanted: offset, for: purpose)
    try writer.withLock { (writer) throws(LogError) in
      defer { tell(writer) }
      try mustWrite(writer)
      let limit = options.space.limit(durableEnd: Int(writer.chain.next))
      let needed = min(wanted, limit)
      let target = min(max(needed, Int(writer.chain.next) + options.space.minimum), limit)
      do throws(DiskError) {
        try extendZeros(to: target, &writer)
      } catch {
        if zerosEnd.load(ordering: .relaxed) >= needed { return }
        throw error.isOutOfSpace ? .diskFull(path: folder.log) : .notWritten(error)
      }
    }
  }

  /// Whether that is so already.
  ///
  /// - Complexity: O(1), without waiting for anything.
  package func hasSpace(through offset: UInt64, for purpose: SpacePurpose = .request) -> Bool {
    zerosEnd.load(ordering: .acquiring) >= end(wanted: offset, for: purpose)
  }

  private func end(wanted offset: UInt64, for purpose: SpacePurpose) -> Int {
    Int(offset) + (purpose == .request ? options.space.ballast : 0)
  }

  /// Lets the zeros keep their distance from a frame that has just been written.
  ///
  /// If that fails, there is less room: ``ensureSpace(through:for:)`` will say so.
  func grow(behind frame: EncodedFrame, _ writer: inout LogWriter) {
    let tail = Int(frame.header.pageEnd)
    let known = noteTail(tail)
    let target = options.space.growth(
      tail: tail, zerosEnd: known, frameSize: frame.bytes.count,
      durableEnd: Int(writer.chain.next))
    try? extendZeros(to: target, &writer)
  }

  /// Takes note that everything before `tail` has its blocks.
  ///
  /// - Returns: Where what has its blocks ends now.
  @discardableResult
  func noteTail(_ tail: Int) -> Int {
    let known = max(zerosEnd.load(ordering: .relaxed), tail)
    zerosEnd.store(known, ordering: .releasing)
    return known
  }

  /// Writes zeros in small steps, and takes note of each.
  private func extendZeros(to target: Int, _ writer: inout LogWriter) throws(DiskError) {
    var end = zerosEnd.load(ordering: .relaxed)
    while end < target {
      // Up to the end of a block: whoever writes into one has all of it.
      let step = min(end + options.space.step, target)
      let next = (step + blockSize - 1) & ~(blockSize - 1)
      try disk.writeZeros(to: file.descriptor, in: end..<next)
      writer.statistics.zerosWritten += next - end
      end = next
      zerosEnd.store(end, ordering: .releasing)
    }
  }
}

private let blockSize = 4_096

extension Disk {
  /// Overwrites `range` with zeros, or extends the file with them.
  func writeZeros(to file: Descriptor, in range: Range<Int>) throws(DiskError) {
    var offset = range.lowerBound
    while offset < range.upperBound {
      let count = min(zeros.count, range.upperBound - offset)
      try write(zeros.span.extracting(0..<count), to: file, at: offset)
      offset += count
    }
  }
}

private let zeros = [UInt8](repeating: 0, count: 256 << 10)
