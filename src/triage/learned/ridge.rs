//! Ridge regression in its dual form: solves (K + D) a = Y, and tells what it would say of each row left out.
//!
//! The dual form costs by rows and not by features, of which there are many more, and its answer is exact:
//! the same rows give the same bits.

use super::vectors::Vector;

/// A lower triangle, row by row: row `i` has `i + 1` numbers.
pub(super) struct Triangle(Vec<Vec<f64>>);

/// Inner products of all rows with each other. The features of the rows are below `features`.
pub(super) fn products(rows: &[Vector], features: usize) -> Triangle {
    let mut postings: Vec<Vec<(usize, f64)>> = vec![Vec::new(); features];
    for (index, row) in rows.iter().enumerate() {
        for (feature, value) in row {
            postings[*feature as usize].push((index, *value));
        }
    }
    let mut triangle: Vec<Vec<f64>> = (1..=rows.len()).map(|length| vec![0.0; length]).collect();
    for places in &postings {
        for (at, (row, value)) in places.iter().enumerate() {
            let line = &mut triangle[*row];
            for (other, theirs) in &places[..=at] {
                line[*other] += value * theirs;
            }
        }
    }
    Triangle(triangle)
}

impl Triangle {
    /// Changes every product by its place: row, column (never after the row).
    pub(super) fn change(&mut self, change: impl Fn(usize, usize, f64) -> f64) {
        for (row, line) in self.0.iter_mut().enumerate() {
            for (column, value) in line.iter_mut().enumerate() {
                *value = change(row, column, *value);
            }
        }
    }

    /// The product of two rows.
    #[cfg(test)]
    pub(super) fn at(&self, row: usize, column: usize) -> f64 {
        if row >= column { self.0[row][column] } else { self.0[column][row] }
    }

    /// Cholesky's factor L, with L Lᵀ the matrix, which has to be positive definite: add to the diagonal first.
    pub(super) fn factor(mut self) -> Factor {
        for row in 0..self.0.len() {
            let (above, rest) = self.0.split_at_mut(row);
            let line = &mut rest[0];
            for (column, other) in above.iter().enumerate() {
                let known = inner(&line[..column], &other[..column]);
                line[column] = (line[column] - known) / other[column];
            }
            let square = line[row] - inner(&line[..row], &line[..row]);
            line[row] = square.max(f64::MIN_POSITIVE).sqrt();
        }
        Factor(self.0)
    }
}

/// Cholesky's factor.
pub(super) struct Factor(Vec<Vec<f64>>);

impl Factor {
    /// Solves for one right side.
    pub(super) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let mut solution = right.to_vec();
        for (row, line) in self.0.iter().enumerate() {
            solution[row] = (solution[row] - inner(&line[..row], &solution[..row])) / line[row];
        }
        for (row, line) in self.0.iter().enumerate().rev() {
            let value = solution[row] / line[row];
            solution[row] = value;
            for (known, factor) in solution[..row].iter_mut().zip(line) {
                *known -= value * factor;
            }
        }
        solution
    }

    /// The diagonal of the inverse, from row `first` on; the later it begins, the cheaper.
    pub(super) fn inverse_diagonal(&self, first: usize) -> Vec<f64> {
        (first..self.0.len())
            .map(|unit| {
                // The column of L⁻¹ below `unit`; the square of its length is what is asked for.
                let mut column: Vec<f64> = Vec::with_capacity(self.0.len() - unit);
                for row in unit..self.0.len() {
                    let line = &self.0[row];
                    let known = inner(&line[unit..row], &column);
                    column.push((f64::from(u8::from(row == unit)) - known) / line[row]);
                }
                inner(&column, &column)
            })
            .collect()
    }
}

/// The inner product. Four sums at once keep the processor busy; their order is fixed, and so is the result. Written
/// without iterators: a quick build calls each step of theirs.
fn inner(left: &[f64], right: &[f64]) -> f64 {
    let ((left, left_rest), (right, right_rest)) = (left.as_chunks::<4>(), right.as_chunks::<4>());
    let mut sums = [0.0_f64; 4];
    let (mut at, count) = (0, left.len().min(right.len()));
    while at < count {
        let (a, b) = (left[at], right[at]);
        sums = [sums[0] + a[0] * b[0], sums[1] + a[1] * b[1], sums[2] + a[2] * b[2], sums[3] + a[3] * b[3]];
        at += 1;
    }
    let rest: f64 = left_rest.iter().zip(right_rest).map(|(a, b)| a * b).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_solution_solves_and_leaving_one_out_is_what_training_without_it_gives(
            cells in prop::collection::vec(-1.0..1.0_f64, 7 * 5), targets in prop::collection::vec(-1.0..1.0_f64, 7),
        ) {
            let row = |index: usize| (0..5).map(|at| (at as u32, cells[index * 5 + at])).collect::<Vector>();
            let rows: Vec<Vector> = (0..7).map(row).collect();
            let ridge = |rows: &[Vector]| {
                let mut products = products(rows, 5);
                products.change(|row, column, value| if row == column { value + 0.5 } else { value });
                products
            };
            let factor = ridge(&rows).factor();
            let solution = factor.solve(&targets);
            let whole = ridge(&rows);
            for (row, target) in targets.iter().enumerate() {
                let told: f64 = (0..7).map(|column| whole.at(row, column) * solution[column]).sum();
                prop_assert!((told - target).abs() < 1e-9);
            }
            let diagonal = factor.inverse_diagonal(3);
            for left_out in 3..7 {
                let without = |index: &usize| *index != left_out;
                let others: Vec<Vector> = (0..7).filter(without).map(row).collect();
                let right: Vec<f64> = (0..7).filter(without).map(|index| targets[index]).collect();
                let solved = ridge(&others).factor().solve(&right);
                let told: f64 = (0..7).filter(without).zip(&solved)
                    .map(|(index, weight)| whole.at(left_out, index) * weight).sum();
                let quick = targets[left_out] - solution[left_out] / diagonal[left_out - 3];
                prop_assert!((told - quick).abs() < 1e-9, "{told} {quick}");
            }
        }
    }
}
