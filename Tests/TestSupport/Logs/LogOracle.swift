import CohortFormat
package import CohortLog
package import CohortModel

/// What a log must hold, kept as an array: the leaves of every event that was handed to it.
///
/// The invariant of every crash: what is recovered is a prefix of what was submitted and holds all
/// that was acknowledged.
package struct LogOracle: Sendable {
  package private(set) var submitted: [Digest] = []
  package private(set) var acknowledged = 0

  package init() {}

  /// A frame is on its way.
  package mutating func submit(_ leaves: [Digest]) { submitted += leaves }

  /// The frame that was submitted last is durable.
  package mutating func acknowledge() { acknowledged = submitted.count }

  /// The frame that was submitted last is said not to be in the log, now or ever.
  package mutating func takeBack(_ leaves: [Digest]) { submitted.removeLast(leaves.count) }

  /// Compares what a restart has found, which from now on is all there is.
  ///
  /// - Returns: What is wrong; `nil` if nothing is.
  package mutating func recover(_ leaves: [Digest]) -> String? {
    guard leaves.count <= submitted.count, Array(submitted.prefix(leaves.count)) == leaves else {
      return "found \(leaves.count) events that are no prefix of the \(submitted.count) submitted"
    }
    guard leaves.count >= acknowledged else {
      return "found \(leaves.count) events, but \(acknowledged) were acknowledged"
    }
    submitted = leaves
    acknowledged = leaves.count
    return nil
  }
}

/// A life of a ledger, as far as its log is concerned, on a disk that may break at any moment.
package struct LogScript: Sendable {
  package var lives: Int
  package var framesPerLife: Int
  package var erases: Bool
  package var seed: UInt64
  /// What the frames differ by in size, in bytes.
  package var sizeStep = 700

  package init(lives: Int = 2, framesPerLife: Int = 5, erases: Bool = true, seed: UInt64 = 0) {
    self.lives = lives
    self.framesPerLife = framesPerLife
    self.erases = erases
    self.seed = seed
  }

  /// Runs until the end or the first error that ends a process.
  package func run(on disk: SimulatedDisk, _ oracle: inout LogOracle) throws(LogError) {
    for life in 0..<lives {
      var test = try TestLog(on: disk, seed: seed &* 100 + UInt64(life))
      if let problem = oracle.recover(test.scanned.leaves) { throw .wrong(problem) }
      if !test.report.recovered.isEmpty {
        try append(test.report.recovered.map { .recovered($0.event) }, &test, &oracle)
      }
      for number in 0..<framesPerLife {
        let size = (number * 37 + life * 11 + Int(seed % 97)) % 5 * sizeStep
        try append(sampleEvents(life * 10 + number, size: size), &test, &oracle)
        if number % 3 == 2 { try test.seal() }
      }
      if erases, let text = test.scanned.texts.first?.name ?? firstText(of: test) {
        let last = test.log.chain.position
        let erasure = last.advanced(by: 1)
        let erased = UserErased(user: nil, identifiers: [], texts: [text])
        try append([.userErased(erased)], &test, &oracle)
        try test.log.erase([text], namedAt: erasure)
        try append([.erasureFinished(ErasureFinished(erasure: erasure))], &test, &oracle)
      }
      if life.isMultiple(of: 2) { try test.seal() }
      try test.log.close()
    }
  }

  /// The first text of a log that was empty when this life began.
  private func firstText(of test: TestLog) -> TextName? {
    let isFirst = test.scanned.leaves.isEmpty && test.report.recovered.isEmpty
    return isFirst ? TextName(position: Position(1), item: 0) : nil
  }

  private func append(
    _ events: [Event], _ test: inout TestLog, _ oracle: inout LogOracle
  ) throws(LogError) {
    let before = test.builder
    let frame = test.frame(events)
    oracle.submit(frame.leaves)
    do {
      try test.log.ensureSpace(through: frame.fileEnd)
      try test.log.append(frame)
      oracle.acknowledge()
    } catch {
      test.builder = before
      if !error.isOutcomeUnknown { oracle.takeBack(frame.leaves) }
      throw error
    }
  }
}

extension LogError {
  /// What an oracle has found: no real fault has this form.
  package static func wrong(_ problem: String) -> LogError { .header(.notALog, path: problem) }

  /// What an oracle has found.
  package var problem: String? {
    if case .header(.notALog, let problem) = self, !problem.hasPrefix("/") { problem } else { nil }
  }
}
