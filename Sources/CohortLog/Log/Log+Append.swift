package import CohortFormat
import CohortModel
import Synchronization

extension Log {
  /// Writes one frame, a group of requests or a seal, and makes it durable.
  ///
  /// When this returns, the frame survives a power failure and readers see it.
  ///
  /// - Throws: ``LogError/diskFull(path:)`` or ``LogError/notWritten(_:)``: the frame is not in the
  ///   log and never will be; the next one takes its place. ``LogError/outcomeUnknown(_:)``: it may
  ///   be; nothing is written from then on but ``LogError/stopped``. ``LogError/replaced(path:)``:
  ///   it was not written, and nothing will be. ``LogError/readOnly(path:)``.
  /// - Complexity: One write of the frame, one of about as many zeros, one sync.
  package func append(_ frame: EncodedFrame) throws(LogError) {
    try writer.withLock { (writer) throws(LogError) in
      defer { tell(writer) }
      try mustWrite(writer)
      var chain = writer.chain
      do { try chain.accept(frame.header, root: frame.root) } catch {
        preconditionFailure("A frame continues the log. \(error)")
      }
      try checkName(&writer)
      let header = frame.header
      try write(
        frame.bytes, in: header.fileOffset..<header.fileEnd, until: header.pageEnd, &writer)
      grow(behind: frame, &writer)
      try sync(&writer)
      writer.statistics.framesWritten += 1
      writer.statistics.bytesWritten += frame.bytes.count
      writer.chain = chain
      published.publish(frame.header, behind: chain)
    }
  }

  /// Throws unless the log can be written to.
  func mustWrite(_ writer: LogWriter) throws(LogError) {
    switch writer.state {
    case .writing: return
    case .readOnly: throw .readOnly(path: folder.log)
    case .stopped(.replaced(let path)): throw .replaced(path: path)
    case .stopped, .closed: throw .stopped
    }
  }

  /// Whether events.log is still the file that is open: what is written to another one would be
  /// lost with the last descriptor.
  func checkName(_ writer: inout LogWriter) throws(LogError) {
    let isOurs: Bool
    do {
      isOurs = try disk.identity(at: folder.log) == (try disk.identity(of: file.descriptor))
    } catch { throw .notWritten(error) }
    if isOurs { return }
    writer.state = .stopped(.replaced(path: folder.log))
    throw .replaced(path: folder.log)
  }

  /// Writes bytes at their place, and zeros into the gap behind them, or neither.
  ///
  /// Zeros that were written ahead may be on the disk no more, if the sync behind them has failed.
  func write(
    _ bytes: [UInt8], in range: Range<UInt64>, until pageEnd: UInt64, _ writer: inout LogWriter
  ) throws(LogError) {
    do {
      try disk.write(bytes, to: file.descriptor, at: Int(range.lowerBound))
      try disk.writeZeros(to: file.descriptor, in: Int(range.upperBound)..<Int(pageEnd))
    } catch {
      writer.statistics.failedWrites += 1
      try takeBack(range, &writer)
      throw error.isOutOfSpace ? .diskFull(path: folder.log) : .notWritten(error)
    }
  }

  /// Turns the bytes of frames that were not written whole back into zeros, durably, so that they
  /// cannot turn up after a restart.
  private func takeBack(_ range: Range<UInt64>, _ writer: inout LogWriter) throws(LogError) {
    let zerosEnd = zerosEnd.load(ordering: .relaxed)
    let overwritten =
      Int(
        range.lowerBound)..<max(
        Int(range.lowerBound), min(Int(range.upperBound), zerosEnd))
    do {
      try disk.writeZeros(to: file.descriptor, in: overwritten)
      if try disk.size(of: file.descriptor) > zerosEnd {
        try disk.truncate(file.descriptor, to: max(zerosEnd, Int(writer.chain.next)))
      }
    } catch { throw stop(error, &writer) }
    try sync(&writer)
  }

  /// Syncs the log, for the first time since the last write.
  func sync(_ writer: inout LogWriter) throws(LogError) {
    do {
      try disk.sync(file.descriptor)
      writer.statistics.syncs += 1
    } catch { throw stop(error, &writer) }
  }

  private func stop(_ error: DiskError, _ writer: inout LogWriter) -> LogError {
    writer.state = .stopped(.outcomeUnknown(error))
    return .outcomeUnknown(error)
  }
}
