import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

extension HistoryOptions {
  /// So small that something is sealed every few changes.
  static var tiny: HistoryOptions {
    var options = HistoryOptions()
    options.blockSize = 150
    options.changesMin = 6
    options.changesMax = 12
    options.rowsMax = 7
    options.pieceSize = 16
    options.gatherSize = 500
    return options
  }
}

let someLedger = LedgerID([UInt8](1...16).span, at: 0)

extension TileStore {
  /// A store on a disk of its own, or on one given, with a story as its log.
  static func some(
    on disk: SimulatedDisk = SimulatedDisk(), source story: PastStory? = nil,
    isReadOnly: Bool = false
  ) -> TileStore {
    let store = TileStore(
      in: StorageFolder("/"), of: someLedger, on: disk, isReadOnly: isReadOnly)
    store.clear()
    if let story { store.setSource(of: story) }
    return store
  }

  func setSource(of story: PastStory) {
    setSource { range, body in
      for step in story.steps where range.contains(step.position) {
        body(step.event, step.position, step.time)
      }
    }
  }
}

extension PastStory {
  /// The memberships of a scene.
  func memberships(at position: Position) -> Memberships {
    var state = LedgerState(hashSeed: 0)
    for (index, users) in scene(at: position).members.enumerated() {
      state.setMembers(
        of: CohortID(UInt32(index + 1)), to: LiveUsers(sorted: users.sorted().span))
    }
    return state.memberships
  }

  /// Tells the story to a history, request by request.
  func tell<Failure: Error>(
    _ history: inout History, from first: Int = 0, to last: Int? = nil,
    atRequestEnd: (inout History, Position) throws(Failure) -> Void
  ) throws(Failure) {
    for step in steps[first..<(last ?? steps.count)] {
      history.apply(step.event, at: step.position, step.time)
      if step.endsRequest {
        history.settle(memberships(at: step.position))
        try atRequestEnd(&history, step.position)
      }
    }
  }

  func tell(_ history: inout History, from first: Int = 0, to last: Int? = nil) {
    tell(&history, from: first, to: last) { _, _ in }
  }

  var history: History {
    var history = History(.tiny)
    tell(&history)
    return history
  }
}

/// Checks that a history answers as the sets of the story do, at every position up to `end`; about
/// some of the users at each.
func check(_ history: History, tells story: PastStory, through end: Position? = nil) throws {
  let end = end ?? story.end
  let users = Set(story.scenes.flatMap { $0.alive }).sorted()
  var wrong: [String] = []
  for cohort in story.cohorts {
    for raw in 0...end.rawValue {
      let position = Position(raw)
      let members = story.scene(at: position).members(of: cohort)
      var isRight = try history.size(of: cohort, at: position) == members.count
      isRight =
        try history.members(of: cohort, at: position).users == members.sorted() && isRight
      for number in 0..<3 {
        let user = users[(Int(raw) + 5 * number) % users.count]
        isRight =
          try history.contains(UserID(user), in: cohort, at: position) == members.contains(user)
          && isRight
      }
      if !isRight { wrong.append("\(cohort) at \(position)") }
    }
  }
  #expect(wrong == [])
}
