import CohortLedger
import CohortThreads
import Synchronization

/// Threads for writes that wait for the disk: erasures, launches, new keys.
///
/// A worker that waited would be one less for reads, and a disk that never answers would take all
/// of them. So such writes wait here, a few at a time; behind a bounded queue they are refused.
///
/// Threads are begun as they are wanted and end when nothing is left to do.
final class PatientThreads: Sendable {
  typealias Job = @Sendable () -> Void

  private struct State {
    var threads = 0
    var waiting: [Job] = []
  }

  private let state = Mutex(State())

  static let threadsMax = 4
  static let waitingMax = 64

  /// Has a job done, in the order of the calls.
  ///
  /// - Throws: ``LedgerError/overloaded(retryAfter:)`` if too many wait already, and
  ///   ``LedgerError/noThread(errno:)`` if the system has no thread to give. The job is not done.
  func run(_ job: @escaping Job) throws(LedgerError) {
    try state.withLock { state throws(LedgerError) in
      if state.threads < Self.threadsMax {
        do throws(ThreadFailure) {
          // Begun under the lock, so that a job never waits for threads that fail to begin.
          try Thread("cohort-patient") { [self] in
            job()
            while let next = next() { next() }
          }.detach()
          state.threads += 1
          return
        } catch {
          // Those that have begun take it, when they are done with theirs.
          guard state.threads > 0 else { throw .noThread(errno: error.errno) }
        }
      }
      guard state.waiting.count < Self.waitingMax else { throw .overloaded(retryAfter: 1) }
      state.waiting.append(job)
    }
  }

  /// The job that waits longest; without one the thread that asks is done.
  private func next() -> Job? {
    state.withLock { state in
      guard !state.waiting.isEmpty else {
        state.threads -= 1
        return nil
      }
      return state.waiting.removeFirst()
    }
  }
}

/// Places for streams of users: each holds a worker while it waits for the disk, and some workers
/// must be left for reads.
final class ImportPlaces: Sendable {
  private let taken = Mutex(0)

  static let max = 2

  /// - Returns: `nil` if all are taken.
  func take() -> Place? {
    let isFree = taken.withLock { taken in
      guard taken < Self.max else { return false }
      taken += 1
      return true
    }
    return isFree ? Place(self) : nil
  }

  /// Given back when nobody holds it any more.
  final class Place: Sendable {
    private let places: ImportPlaces

    fileprivate init(_ places: ImportPlaces) { self.places = places }

    deinit { places.taken.withLock { $0 -= 1 } }
  }
}
