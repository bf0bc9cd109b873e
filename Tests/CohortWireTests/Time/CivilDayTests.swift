import CohortWire
import Testing

@Suite struct `A day of the calendar` {
  /// Counts every day of ten thousand years, one by one, by the rule that everybody knows.
  @Test func `has the number that counting gives, in every year from 0000 to 9999`() {
    var (year, month, day) = (0, 1, 1)
    var wrong = 0
    // 0000-01-01 lies 719,528 days before 1970-01-01.
    for number in -719_528..<2_932_897 {
      let byNumber = CivilDay(dayNumber: number)
      if byNumber.year != year || byNumber.month != month || byNumber.day != day { wrong += 1 }
      if CivilDay(year: year, month: month, day: day)?.dayNumber != number { wrong += 1 }

      day += 1
      if day > 28, day > length(month, year) { (month, day) = (month + 1, 1) }
      if month > 12 { (year, month) = (year + 1, 1) }
    }
    #expect(wrong == 0)
    #expect(year == 10_000 && month == 1 && day == 1, "nothing was left out")
  }

  private func length(_ month: Int, _ year: Int) -> Int {
    let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
    return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  @Test func `does not exist outside its month`() {
    for year in [1900, 2000, 2023, 2024] {
      for month in -1...14 {
        for day in -1...33 {
          let exists = (1...12).contains(month) && day >= 1 && day <= length(month, year)
          #expect((CivilDay(year: year, month: month, day: day) != nil) == exists)
        }
      }
    }
  }
}
