package import CohortModel

/// A made-up history of cohorts, with the sets of every position kept as plain sets.
///
/// Requests of one to four events: users and cohorts come into being, users enter and leave in
/// handfuls, are merged and deleted. Requests may share a time, as those of one frame do.
package struct PastStory: Sendable {
  package struct Step: Sendable {
    package let position: Position
    package let time: Instant
    package let event: Event
    package let endsRequest: Bool
  }

  /// What is so behind one event.
  package struct Scene: Sendable {
    /// The members of cohort n + 1.
    package var members: [Set<UInt32>] = []
    package var alive: Set<UInt32> = []
    /// Of each user merged away, who it was merged into.
    package var mergedInto: [UInt32: UInt32] = [:]
    package var userCount = 0
    /// The versions of segment n + 1.
    package var segments: [[SegmentSaved]] = []
    package var time = Instant(microseconds: 0)

    package func members(of cohort: CohortID) -> Set<UInt32> {
      let index = Int(cohort.rawValue) - 1
      return members.indices.contains(index) ? members[index] : []
    }
  }

  package private(set) var steps: [Step] = []
  /// One more than steps: element n is behind the event at position n.
  package private(set) var scenes = [Scene()]
  package let cohortsMax: Int
  private var random: SeededRandom
  /// Users are numbered n, 2n, 3n …, so that few of them lie far apart.
  private let stride: UInt32
  private var time: Int64 = 1_000_000
  private var pending: [Event] = []

  package init(
    seed: UInt64, requests: Int, cohorts: Int = 3, stride: UInt32 = 1, hasMerges: Bool = true,
    hasSegments: Bool = false
  ) {
    random = SeededRandom(seed: seed)
    cohortsMax = cohorts
    self.stride = stride
    record(
      .partnerEnabled(
        PartnerEnabled(partner: PartnerID(1), code: "p", displayName: "P", learns: false)))
    for _ in 0..<8 { createUser() }
    endRequest()
    for _ in 0..<requests {
      if !random.once(in: 3) { time += Int64(1 + random.below(5)) * 500_000 }
      for _ in 0...random.below(3) { act(hasMerges) }
      if hasSegments, random.once(in: 8) { saveSegment() }
      endRequest()
    }
  }

  /// The number after the last cohort.
  package var cohorts: [CohortID] { (1...UInt32(cohortsMax + 1)).map { CohortID($0) } }

  package var end: Position { Position(UInt64(steps.count)) }

  package func scene(at position: Position) -> Scene { scenes[Int(position.rawValue)] }

  private var now: Scene {
    get { scenes[scenes.count - 1] }
    set { scenes[scenes.count - 1] = newValue }
  }

  private mutating func act(_ hasMerges: Bool) {
    let cohorts = now.members.count
    switch random.below(20) {
    case 0, 1: createUser()
    case 2 where cohorts < cohortsMax: nameCohort()
    case 3 where hasMerges: merge()
    case 4 where hasMerges && random.once(in: 2): delete()
    default: cohorts == 0 ? nameCohort() : change(CohortID(UInt32(1 + random.below(cohorts))))
    }
  }

  private mutating func createUser() {
    record(
      .userCreated(
        UserCreated(
          user: UserID(UInt32(now.userCount + 1) * stride),
          identifiers: [.externalID(PersonalText("u\(now.userCount + 1)"))])))
    now.userCount += 1
    now.alive.insert(UInt32(now.userCount) * stride)
  }

  private mutating func nameCohort() {
    let cohort = UInt32(now.members.count + 1)
    record(
      .cohortNamed(
        CohortNamed(
          cohort: CohortID(cohort), partner: PartnerID(1), cohortID: Text("c\(cohort)"),
          name: "C", createdAt: nil)))
    now.members.append([])
  }

  private mutating func change(_ cohort: CohortID) {
    let index = Int(cohort.rawValue) - 1
    let direction: Direction = random.once(in: 3) ? .leaving : .entering
    let members = now.members[index]
    let able = direction == .entering ? now.alive.subtracting(members) : members
    let odds = 1 + random.below(4)
    let users = able.sorted().filter { _ in random.once(in: odds) }
    let unmatched = (0..<random.below(3)).map {
      Unmatched(identifier: .externalID(PersonalText("x\($0)")), reason: .unknown)
    }
    record(
      .membersChanged(
        MembersChanged(
          cohort: cohort, direction: direction, users: PackedUsers(sorted: users.span),
          unchanged: 0, unmatched: unmatched)))
    switch direction {
    case .entering: now.members[index].formUnion(users)
    case .leaving: now.members[index].subtract(users)
    }
  }

  private mutating func merge() {
    let alive = now.alive.sorted()
    guard alive.count > 2 else { return }
    let (user, into) = (alive[random.below(alive.count)], alive[random.below(alive.count)])
    guard user != into else { return }
    let left = now.members.indices.filter { now.members[$0].contains(user) }
    let entered = left.filter { !now.members[$0].contains(into) }
    record(
      .usersMerged(
        UsersMerged(
          user: UserID(user), into: UserID(into),
          cohortsLeft: left.map { CohortID(UInt32($0 + 1)) },
          cohortsEntered: entered.map { CohortID(UInt32($0 + 1)) }, moved: [], dropped: [],
          retired: [])))
    for index in left { now.members[index].remove(user) }
    for index in entered { now.members[index].insert(into) }
    now.alive.remove(user)
    now.mergedInto[user] = into
  }

  private mutating func delete() {
    let alive = now.alive.sorted()
    guard alive.count > 4 else { return }
    let user = alive[random.below(alive.count)]
    let left = now.members.indices.filter { now.members[$0].contains(user) }
    record(
      .userDeleted(
        UserDeleted(
          user: UserID(user), cohortsLeft: left.map { CohortID(UInt32($0 + 1)) }, freed: [])))
    for index in left { now.members[index].remove(user) }
    now.alive.remove(user)
  }

  /// A new segment, or a new version of one; it includes only older ones.
  private mutating func saveSegment() {
    let number = 1 + random.below(min(now.segments.count + 1, 5))
    let versions = number <= now.segments.count ? now.segments[number - 1] : []
    guard !now.members.isEmpty else { return }
    let filter = PastStory.filter(
      depth: 2, cohorts: now.members.count, segments: number - 1, end: end, time: time, &random)
    let saved = SegmentSaved(
      segment: SegmentID(UInt32(number)), version: UInt32(versions.count + 1), name: "S",
      description: "", tags: [], filter: filter)
    record(.segmentSaved(saved))
    if versions.isEmpty { now.segments.append([]) }
    now.segments[number - 1].append(saved)
  }

  /// A filter over the first cohorts and segments, with moments up to about `end` and `time`.
  package static func filter(
    depth: Int, cohorts: Int, segments: Int, end: Position, time: Int64,
    _ random: inout SeededRandom
  ) -> Filter {
    func inner(_ random: inout SeededRandom) -> Filter {
      filter(
        depth: depth - 1, cohorts: cohorts, segments: segments, end: end, time: time, &random)
    }
    func cohort(_ random: inout SeededRandom) -> CohortID {
      CohortID(UInt32(1 + random.below(cohorts)))
    }
    let period =
      Period(seconds: UInt64(1 + random.below(random.once(in: 2) ? 4 : 60))) ?? Period.shortest
    switch random.below(depth > 0 ? 11 : 7) {
    case 0: return .includes((0...random.below(2)).map { _ in cohort(&random) })
    case 1: return .excludes((0...random.below(2)).map { _ in cohort(&random) })
    case 2: return .entered(cohort(&random), within: period)
    case 3: return .left(cohort(&random), within: period)
    case 4: return .memberFor(cohort(&random), atLeast: period)
    case 5:
      let position = Position(UInt64(random.below(Int(end.rawValue) + 4)))
      return .memberAsOf(cohort(&random), .position(position))
    case 6:
      let instant = Instant(microseconds: Int64(random.below(Int(time) + 3_000_000)))
      return .memberAsOf(cohort(&random), .instant(instant))
    case 7 where segments > 0: return .segment(SegmentID(UInt32(1 + random.below(segments))))
    case 8: return .and((0...random.below(3)).map { _ in inner(&random) })
    case 9: return .or((0...random.below(3)).map { _ in inner(&random) })
    default: return .not(inner(&random))
    }
  }

  /// Begins the scene behind the event; the caller changes it.
  private mutating func record(_ event: Event) {
    pending.append(event)
    var scene = now
    scene.time = Instant(microseconds: time)
    scenes.append(scene)
  }

  private mutating func endRequest() {
    for (index, event) in pending.enumerated() {
      steps.append(
        Step(
          position: Position(UInt64(steps.count + 1)), time: Instant(microseconds: time),
          event: event, endsRequest: index == pending.count - 1))
    }
    pending = []
  }
}

extension Period {
  fileprivate static var shortest: Period {
    guard let period = Period(seconds: 1) else { preconditionFailure("A second is a period.") }
    return period
  }
}
