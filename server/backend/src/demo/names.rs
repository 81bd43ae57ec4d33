//! What people of a crowd are called: many given names, a few of them common, with family names put together of two parts.

const GIVEN: &str = "\
    Maria Mohammed Anna Jan Li Fatima David Sofia Omar Elena Ahmed Laura Marek Yuki Chen Julia Peter Amara Lukas Ines \
    Ravi Emma Tomasz Aisha Carlos Hannah Ivan Leila Paul Nadia Hiro Clara Musa Greta Diego Ewa Samuel Mei Jonas Zainab \
    Andrei Lucia Kofi Marta Felix Anjali Pavel Rosa Idris Helene Minh Teresa Olaf Karima Bruno Sanna Emeka Vera Hugo Layla \
    Stefan Irina Arjun Monika Theo Salma Nils Paola Kenji Agnes Tariq Linnea Jorge Dorota Kwasi Astrid Roman Yara Luca \
    Svetlana Hamid Beatriz Erik Nomsa Milan Chloe Rafael Ayumi Otto Camila Bilal Ingrid Mikael Pilar Sanjay Ronja Wanjiru \
    Gabor Eloise Tendai Maja Cesar Iman Oskar Lena Thabo Nina Duc Carla Hassan Sigrid Vikram Alma Jakub Mina Ruben Olga \
    Sefu Frida Emil Zuzana Akira Noemi Aleksi Rania Simon Bianca Juma Petra Elias Soraya Anton Kira Mauro Thandi Viggo Lidia \
    Farah Gustav Renata Ibrahim Signe Marco Joana Tuan Ilse Nabil Katja Dario Oksana Sven Adela Chidi Britta Enzo Halima \
    Kasper Ludmila Rohan Silje Matteo Zora Ismail Annika Boris Delia Jamal Elsa Ciro Vesna Ola Marisol Pekka Amina Leon \
    Tatiana Babak Nora Gerard Suda Aron Violeta Kemal Ida Filip Rosario Wei Margit Timo Samira Alvaro Hedda Nikola Parisa \
    Edgar Sunniva Xavier Dunja Albin Kamila Sora Cornelia Ulf Mercedes Zoltan Tove Eamon Bozena Hakan Livia Ragnar Priscila";
const BEGINNINGS: &str = "\
    Ander Berg Cast Dal Eck Ferr Gold Hart Iver Jur Kal Lind Mor Nyb Oster Pell Quist Ros Sand Thor Ull Vall West Yar Zim \
    Ash Brook Carl Dorn Ell Fair Grun Holm Isak Kern Lang Mont Nord Ober Pan Rein Stav Tern Und Vog Wall Zell Alm Bru Cor";
const ENDINGS: &str = "\
    berg sen son ström ova ini elli mann hof stein wick ford ley ton er ez escu ić ski wicz ard eau ier ander quist dahl gaard \
    heim lund mark ner oli paa rud skog thal um vik wald yan zade aro bäck cki din ens fors";

/// A name out of two numbers.
pub(super) fn name(given: u16, family: u16) -> String {
    // The square makes the first of a list common and the last rare.
    let pick = |list: &'static str, number: u16| {
        let words = list.split_whitespace().count();
        let at = usize::from(number).pow(2) * words / (1 << 32);
        list.split_whitespace().nth(at).unwrap_or_default()
    };
    let second = family.rotate_left(7) ^ given;
    format!("{} {}{}", pick(GIVEN, given), pick(BEGINNINGS, family), pick(ENDINGS, second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_a_name() {
        assert_eq!(name(0, 0), "Maria Anderberg");
        assert_eq!(name(u16::MAX, u16::MAX), "Priscila Corberg");
    }
}
