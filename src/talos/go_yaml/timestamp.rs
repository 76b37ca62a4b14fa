//! Times, as Go's `time.Parse` reads the four layouts that its YAML knows.

/// Whether `text` is a time: a date with a year of four digits, then nothing, or `T` or `t` and a
/// time of day with a zone, or spaces and a time of day without one.
pub(super) fn is_timestamp(text: &str) -> bool {
    let mut reader = Reader {
        rest: text.as_bytes(),
    };
    let Some(()) = reader.date() else {
        return false;
    };
    match reader.rest.first() {
        None => true,
        Some(b'T' | b't') => {
            reader.rest = &reader.rest[1..];
            reader.time_of_day().and_then(|()| reader.zone()).is_some() && reader.rest.is_empty()
        }
        Some(b' ') => {
            let spaces = reader.rest.iter().take_while(|byte| **byte == b' ').count();
            reader.rest = &reader.rest[spaces..];
            reader.time_of_day().is_some() && reader.rest.is_empty()
        }
        Some(_) => false,
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn date(&mut self) -> Option<()> {
        let year = self.digits(4, 4)?;
        self.byte(b'-')?;
        let month = self.digits(1, 2)?;
        self.byte(b'-')?;
        let day = self.digits(1, 2)?;
        ((1..=12).contains(&month) && (1..=days_in(month, year)).contains(&day)).then_some(())
    }

    fn time_of_day(&mut self) -> Option<()> {
        let hour = self.digits(1, 2)?;
        self.byte(b':')?;
        let minute = self.digits(1, 2)?;
        self.byte(b':')?;
        let second = self.digits(1, 2)?;
        if let [b'.' | b',', b'0'..=b'9', ..] = self.rest {
            let digits = self.rest[1..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            self.rest = &self.rest[1 + digits..];
        }
        (hour < 24 && minute < 60 && second < 60).then_some(())
    }

    fn zone(&mut self) -> Option<()> {
        if self.byte(b'Z').is_some() {
            return Some(());
        }
        self.byte(b'+').or_else(|| self.byte(b'-'))?;
        let hours = self.digits(2, 2)?;
        self.byte(b':')?;
        let minutes = self.digits(2, 2)?;
        // Go means to check the range here, and lets both ends in.
        (hours <= 24 && minutes <= 60).then_some(())
    }

    fn byte(&mut self, expected: u8) -> Option<()> {
        let (first, rest) = self.rest.split_first()?;
        (*first == expected).then(|| self.rest = rest)
    }

    /// The number in the next `most` digits, of which `least` must be there.
    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let digits = self
            .rest
            .iter()
            .take(most)
            .take_while(|byte| byte.is_ascii_digit());
        let (count, number) = digits.fold((0, 0), |(count, number), digit| {
            (count + 1, number * 10 + u32::from(digit - b'0'))
        });
        self.rest = &self.rest[count..];
        (count >= least).then_some(number)
    }
}

fn days_in(month: u32, year: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}
