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
      try write(frame, &writer)
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

  private func write(_ frame: EncodedFrame, _ writer: inout LogWriter) throws(LogError) {
    do {
      try disk.write(frame.bytes, to: file.descriptor, at: Int(frame.fileOffset))
      try fillPage(behind: frame.header)
    } catch {
      writer.statistics.failedWrites += 1
      try takeBack(frame, &writer)
      throw error.isOutOfSpace ? .diskFull(path: folder.log) : .notWritten(error)
    }
  }

  /// Writes zeros into the gap behind a frame.
  ///
  /// Those that were written ahead may be on the disk no more, if the sync behind them has failed.
  private func fillPage(behind header: FrameHeader) throws(DiskError) {
    try disk.writeZeros(to: file.descriptor, in: Int(header.fileEnd)..<Int(header.pageEnd))
  }

  /// Turns the bytes of a frame that was not written whole back into zeros, durably, so that it
  /// cannot turn up after a restart.
  private func takeBack(_ frame: EncodedFrame, _ writer: inout LogWriter) throws(LogError) {
    let zerosEnd = zerosEnd.load(ordering: .relaxed)
    let overwritten = Int(frame.fileOffset)..<min(Int(frame.fileEnd), zerosEnd)
    do {
      if Int(frame.fileOffset) < zerosEnd {
        try disk.writeZeros(to: file.descriptor, in: overwritten)
      }
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
